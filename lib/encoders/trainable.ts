/** The networks behind encoders: which can be trained, be rebuilt, or read texts in their dialogue. */
import { type ContextOptions, readsTurns, type TextInput } from "../data/mod.ts";
import { badInput } from "../errors.ts";
import { formOf } from "./built_in.ts";
import { frozen, hasEightBits } from "./eight_bit/frozen.ts";
import type {
  EncoderFiles,
  FrozenEncoder,
  Modality,
  ModelEncoder,
  NetworkEncoder,
  TextEncoder,
  Weights,
} from "./encoder.ts";
import { modelEncoder } from "./network.ts";
import { entriesOf, textEncoder } from "./registry.ts";

/** Returns whether the encoder of this name can be trained. Loads nothing. */
export const isTrainable = (modality: Modality, name: string): boolean =>
  entriesOf(modality).some(({ id, restore }) => restore && id === name.split(":")[0]) &&
  (modality === "text" || !name.includes("+")) && !hasEightBits(name);

/** Returns the network behind `encoder`. Throws UndertoneError if the encoder can't be trained. */
export function networkOf<In>(encoder: FrozenEncoder<In>): NetworkEncoder<In> {
  if (encoder.eightBit) {
    throw badInput({
      expected: "an encoder that can be trained, with float32 weights,",
      found: `'${encoder.id}', whose weights have 8 bits`,
      at: "--train",
      todo: `Leave '#q8' out of its name, or '${encoder.modality}' out of --train.`,
    });
  }
  if (encoder.network) return encoder.network;
  const kind = encoder.modality === "text" ? "text" : "speech";
  const able = entriesOf(encoder.modality).filter((entry) => entry.restore);
  throw badInput({
    expected: `a ${kind} encoder that can be trained (${able.map(formOf).join(", ")})`,
    found: `'${encoder.id}'`,
    at: "--train",
    todo: `Name such an encoder with --${encoder.modality}, or leave '${encoder.modality}' out of --train.`,
  });
}

/**
 * Returns the text encoder for texts in their dialogue. Throws UndertoneError if it has no separator, or
 * can't return the states of a part of its input.
 */
export const encoderInContext = (encoder: TextEncoder): TextEncoder => ({
  ...frozen(networkInContext(encoder), encoder.eightBit),
  id: encoder.id,
  notes: encoder.notes,
});

function networkInContext(
  { id, network }: { id: string; network?: NetworkEncoder<never> },
): NetworkEncoder<TextInput> {
  if (network?.inContext) return network.inContext();
  throw badInput({
    expected: "a text encoder that reads turns divided by its tokenizer's separator, such as hf:<folder>",
    found: `'${id}'`,
    at: "--context.past, --context.future or --context.speakers",
    todo: "Name such an encoder with --text, or use --context.states, which works with every frozen encoder.",
  });
}

/**
 * Rebuilds a trained encoder from a checkpoint, as part of a model; `at` names the checkpoint. With
 * `inContext`, it reads texts in their dialogue. Throws UndertoneError.
 */
export async function restoreEncoder(
  modality: Modality,
  id: string,
  files: EncoderFiles,
  weights: Weights,
  at: string,
  { inContext = false } = {},
): Promise<ModelEncoder> {
  const entry = entriesOf(modality).find((entry) => entry.id === id.split(":")[0]);
  if (entry?.restore) {
    const network = await entry.restore(id, files, weights, at);
    return modelEncoder(inContext ? networkInContext({ id, network }) : network);
  }
  throw badInput({
    expected: "an encoder that can be trained",
    found: `'${id}'`,
    at,
    todo: "Read the checkpoint with the version that wrote it.",
  });
}

/** Returns the text encoder called `id`. It reads texts in their dialogues if the context has turns. */
export async function textEncoderFor(id: string, context?: ContextOptions): Promise<TextEncoder> {
  const encoder = await textEncoder(id);
  return readsTurns(context) ? encoderInContext(encoder) : encoder;
}
