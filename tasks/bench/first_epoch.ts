/**
 * How much longer the first epoch of fine-tuning takes than the second: it also records a graph per shape,
 * and compiles some. Tiny text and speech encoders train together, because longer steps would hide it.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Feed } from "../../lib/compute/mod.ts";
import { batchOrder } from "../../lib/data/mod.ts";
import { paramsFrom } from "../../lib/encoders/mod.ts";
import { disposeParams, linearLayer, maskedMean } from "../../lib/nn/mod.ts";
import { random } from "../../lib/random.ts";
import { crossEntropy, targetsOf, train } from "../../lib/train/mod.ts";
import {
  BERT_BASE,
  type Config,
  type EncoderKind,
  randomWeights,
  type Row,
  speech,
  text,
  WAV2VEC2_BASE,
} from "./encoder_models.ts";
import { trainOptions } from "./finetune.ts";
import { GOALS } from "./goals.ts";
import { noise, tokens } from "./hidden_states.ts";

/** Seconds of the first two epochs, and what was compiled in them. */
export interface FirstEpoch {
  rows: number;
  first: number;
  second: number;
  compiles: number;
  compileSeconds: number;
}

const SIZES = { hidden_size: 24, num_hidden_layers: 3, num_attention_heads: 4, intermediate_size: 48 };
const TEXT: Config = { ...BERT_BASE, ...SIZES };
const SPEECH: Config = {
  ...WAV2VEC2_BASE,
  ...SIZES,
  conv_dim: Array(7).fill(16),
  num_conv_pos_embeddings: 16,
  num_conv_pos_embedding_groups: 4,
};

const BATCH = 16, CLASSES = 7, SEED = 1;
/** Texts are padded to multiples of this many tokens, as in training. */
const STRIDE = 8;
/** Samples of the shortest and the longest clip: 1.4 and 3 s. */
const SHORTEST = 22_400, LONGEST = 48_000;
/** Clips are read from one stretch of noise, which takes less memory than noise of their own. */
const STRETCH = 2 ** 20;

/** An encoder of the case: its kind and configuration. */
interface Part {
  kind: EncoderKind;
  config: Config;
}

const PARTS: Record<string, Part> = {
  text: { kind: text, config: TEXT },
  audio: { kind: speech, config: SPEECH },
};

/** Times two epochs over random rows: texts as long as dialogue lines, with clips of up to 3 s. */
export async function firstEpoch(rows: number, signal?: AbortSignal): Promise<FirstEpoch> {
  const draw = random(SEED), stretch = noise(STRETCH, draw);
  const clip = (): Row => {
    const length = SHORTEST + draw.integer(LONGEST - SHORTEST + 1), start = draw.integer(STRETCH - length);
    return stretch.subarray(start, start + length);
  };
  const given = Array.from({ length: rows }, () => ({
    text: Int32Array.from({ length: tokens(draw) }, () => 1000 + draw.integer(1000)) as Row,
    audio: clip(),
    label: draw.integer(CLASSES),
  }));
  const lengths = given.map(({ text, audio }) => audio.length * 2 ** 10 + text.length);

  const shapes = Object.entries(PARTS).flatMap(([name, { kind, config }]) =>
    Object.entries(kind.shapes(config)).map(([parameter, shape]) => [`${name}.${parameter}`, shape])
  );
  const width = 2 * SIZES.hidden_size;
  const all = paramsFrom(randomWeights({
    ...Object.fromEntries(shapes),
    "classifier.weight": [CLASSES, width],
    "classifier.bias": [CLASSES],
  }, SEED));
  const models = Object.entries(PARTS).map(([name, { kind, config }]) => ({
    name,
    apply: kind.model(config).apply,
    params: below(name, all),
  }));
  const run = train<Int32Array>(
    {
      params: all,
      batches: (epoch) => batchOrder(lengths, { batchSize: BATCH, seed: SEED, epoch }),
      rows: (batch) => batch.length,
      feed(batch) {
        const chosen = Array.from(batch, (row) => given[row]);
        const { inputs, weight } = targetsOf(Int32Array.from(chosen, ({ label }) => label), CLASSES);
        const texts = text.pad(chosen.map(({ text }) => text), TEXT, STRIDE);
        const clips = speech.pad(chosen.map(({ audio }) => audio), SPEECH);
        return { inputs: { ...under("text", texts), ...under("audio", clips), ...inputs }, weight };
      },
      loss({ targets, truth, ...inputs }, context) {
        const means = models.map(({ name, apply, params }) => {
          const { states, mask } = apply(params, below(name, inputs), context);
          return maskedMean(states, mask);
        });
        const logits = linearLayer(all, "classifier", tf.concat(means, 1)) as tf.Tensor2D;
        return crossEntropy(logits, { targets, truth });
      },
      evaluate: () => Promise.resolve({ loss: 0 }),
    },
    trainOptions(2, Object.keys(all), []),
    { signal },
  );

  const seconds: number[] = [];
  let start = performance.now();
  try {
    for await (const event of run) {
      if (event.type === "epoch") {
        seconds.push((performance.now() - start) / 1000);
        start = performance.now();
      }
      if (event.type !== "stopped") continue;
      signal?.throwIfAborted();
      const { compiles = 0, compileSeconds = 0 } = event;
      return { rows, first: seconds[0], second: seconds[1], compiles, compileSeconds };
    }
    throw new Error("the training ended without its last event");
  } finally {
    disposeParams(all);
  }
}

/** Says how long both epochs took, and whether their ratio reaches the goal. */
export function firstEpochText({ rows, first, second, compiles, compileSeconds }: FirstEpoch): string {
  const ratio = first / second;
  return `First epoch of ${rows} rows: ${first.toFixed(1)} s, second: ${second.toFixed(1)} s, ratio ` +
    `${ratio.toFixed(2)}; ${compiles} graphs compiled in ${compileSeconds.toFixed(1)} s. ` +
    `Goal of at most ${GOALS.firstEpoch}: ${ratio <= GOALS.firstEpoch ? "reached" : "missed"}.`;
}

const under = (prefix: string, feed: Feed): Feed =>
  Object.fromEntries(Object.entries(feed).map(([name, values]) => [`${prefix}.${name}`, values]));

/** Returns the entries under a prefix, without it. */
const below = <T>(prefix: string, all: Record<string, T>): Record<string, T> =>
  Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) =>
      name.startsWith(`${prefix}.`) ? [[name.slice(prefix.length + 1), value]] : []
    ),
  );
