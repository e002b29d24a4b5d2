/** A text network that reads the dialogue around a text and returns the states of the text alone. */
import * as tf from "@tensorflow/tfjs-core";
import type { Feed } from "../../compute/mod.ts";
import type { TextInput } from "../../data/mod.ts";
import { packingOf } from "../../nn/mod.ts";
import type { NetworkEncoder, Row } from "../encoder.ts";
import { composer } from "./compose.ts";
import type { TextInputs } from "./text_model.ts";
import type { Frame, TextTokenizer } from "./tokenizer.ts";

/** Inputs of the network, the positions of a text's own states in `[B*L]`, and their mask, both `[B,N]`. */
type ContextInputs = TextInputs & { own: tf.Tensor2D; ownMask: tf.Tensor2D };

/** Part of the fingerprint: increase it when the same turns give other states. */
const VERSION = "in context 1";
/** Lengths with turns, and of the text alone, are padded to multiples: few pairs occur. */
const STRIDE = 32, OWN_STRIDE = 16;
/** Numbers at the start of a row: special tokens, the place of the text's own tokens, and their number. */
const HEADER = 3;

/**
 * Returns the network for texts in their dialogue. Every token has the first token type. A text has the
 * states of the special tokens at the start ([CLS]), then those of its own tokens: no speaker's name, no
 * divider, no other turn.
 */
export function inContext(
  network: NetworkEncoder<string, TextInputs>,
  tokenizer: Pick<TextTokenizer, "plain" | "limit" | "side"> & { frame: Frame },
  { pad_token_id }: { pad_token_id: number },
): NetworkEncoder<TextInput> {
  const compose = composer(tokenizer);
  const encoder: NetworkEncoder<TextInput, ContextInputs> = {
    ...network,
    inContext: undefined,
    graphInputs: undefined,
    recordedAt(batch, length) {
      const kept = length - OWN_STRIDE - batch % OWN_STRIDE, size = batch * kept, shape = [batch, kept];
      const own = { data: new Int32Array(size), shape }, ownMask = { data: new Float32Array(size), shape };
      return { ...network.recordedAt!(batch, length), own, ownMask };
    },
    preprocess: {
      rowOf(input, limit) {
        const { ids, first, start, own } = compose(input, limit);
        return [Math.min(first, limit ?? first), start, own, ...ids];
      },
      statesOf: (row) => row.length ? row[0] + row[2] : 0,
      pad: (rows) => padded(rows, tokenizer.limit, pad_token_id),
      batchSize: network.preprocess.batchSize,
      lengthOf(input) {
        const { first, words } = compose(input);
        return first + words.length;
      },
      tokensOf(input, limit) {
        const { first, words, places } = compose(input, limit);
        return {
          own: words,
          places: [...Array<number>(Math.min(first, limit ?? first)).fill(-1), ...places],
        };
      },
      turnsCut: (input) => compose(input).turnsCut,
      tokens: network.preprocess.tokens && { mask: network.preprocess.tokens.mask, edit: editOwn },
    },
    apply(params, { own, ownMask, ...inputs }, context) {
      const { states } = network.apply(params, inputs, context);
      const [batch, length, width] = states.shape, count = own.shape[1];
      const rows = tf.gather(tf.reshape(states, [batch * length, width]), tf.reshape(own, [batch * count]));
      return { states: tf.reshape(rows, [batch, count, width]), mask: ownMask };
    },
    identity: [...network.identity, VERSION],
    formerly: undefined,
  };
  return encoder as NetworkEncoder<TextInput>;
}

/** Changes the text's own tokens in a row of a header and ids. */
function editOwn(row: Row, change: (own: readonly number[]) => readonly number[]): Row {
  const [first, start, own, ...ids] = Array.from(row);
  if (!own) return row;
  const changed = change(ids.slice(start, start + own));
  return [first, start, changed.length, ...ids.slice(0, start), ...changed, ...ids.slice(start + own)];
}

/** Pads rows of a header and ids; finds the own states of each row. */
function padded(rows: readonly Row[], longest: number, padToken: number): Feed {
  const parts = rows.map((row) => ({ first: row[0] ?? 0, start: row[1] ?? 0, own: row[2] ?? 0, row }));
  const most = Math.max(1, ...rows.map((row) => row.length - HEADER));
  const count = Math.max(1, ...parts.map(({ first, own }) => first + own));
  const length = Math.min(longest, roundUp(most, STRIDE)), kept = roundUp(count, OWN_STRIDE);
  const ids = new Int32Array(rows.length * length).fill(padToken), mask = new Float32Array(ids.length);
  const own = new Int32Array(rows.length * kept), ownMask = new Float32Array(own.length);
  parts.forEach(({ first, start, own: count, row }, b) => {
    for (let i = HEADER; i < row.length; i++) ids[b * length + i - HEADER] = row[i];
    mask.fill(1, b * length, b * length + Math.max(0, row.length - HEADER));
    own.fill(b * length, b * kept, (b + 1) * kept);
    for (let i = 0; i < first + count; i++) {
      own[b * kept + i] = b * length + (i < first ? i : start + i - first);
    }
    ownMask.fill(1, b * kept, b * kept + first + count);
  });
  return {
    ids: { data: ids, shape: [rows.length, length] },
    mask: { data: mask, shape: [rows.length, length] },
    ...packingOf(mask, length),
    own: { data: own, shape: [rows.length, kept] },
    ownMask: { data: ownMask, shape: [rows.length, kept] },
  };
}

const roundUp = (length: number, step: number): number => Math.ceil(length / step) * step;
