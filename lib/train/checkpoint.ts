/**
 * A run in one safetensors file: parameters under their names, the optimiser's slots under `optimizer.<slot>.<name>`,
 * extra tensors under theirs, and JSON in the metadata. Enough to go on to the same bytes, and to infer alone.
 */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { badInput } from "../errors.ts";
import { writeFileAtomic } from "../files/atomic.ts";
import { encodeSafetensors, type RawTensor, readSafetensors } from "../files/safetensors.ts";
import { parseWith } from "../schema.ts";
import { mapValues } from "./map_values.ts";
import type { ParameterState } from "./optimizer.ts";
import type { TrainState } from "./state.ts";

/** Raised when a reader of older files would misread a new one. */
const FORMAT = "undertone-checkpoint-1";
const SLOTS = "optimizer.";

export type RawTensors = Record<string, RawTensor>;

const encoder = z.strictObject({
  id: z.string(),
  fingerprint: z.string(),
  width: z.int().min(1),
  rate: z.number().positive().optional(),
});

const count = z.int().min(0);

const about = z.strictObject({
  config: z.record(z.string(), z.unknown()),
  labels: z.array(z.string()).min(1),
  encoders: z.strictObject({ text: encoder.optional(), audio: encoder.optional() }),
  method: z.string(),
  options: z.record(z.string(), z.unknown()),
  sizes: z.strictObject({ text: z.int(), audio: z.int(), classes: z.int() }),
  seed: z.int(),
  rows: z.strictObject({ train: count, dev: count, fingerprint: z.string() }).optional(),
});

/**
 * What the tensors belong to: resolved configuration, label names, encoders, head with options and sizes, seed, and, to
 * resume by, the rows that were trained on and chosen by.
 */
export type CheckpointAbout = z.infer<typeof about>;

const progress = z.strictObject({
  epoch: count,
  batch: count,
  step: count,
  lossSum: z.number(),
  lossWeight: z.number(),
  early: z.strictObject({ best: z.number().nullable(), bestEpoch: count.nullable(), waited: count }),
});

export interface Checkpoint {
  about: CheckpointAbout;
  params: RawTensors;
  /** Tensors that are not trained: `standardizer.audio.mean`. */
  extras: RawTensors;
  /** Absent where only the weights were kept. */
  state?: TrainState;
}

/** Writes a checkpoint, whole or not at all. The same checkpoint gives the same bytes. */
export async function saveCheckpoint(
  path: string,
  { about, params, extras, state }: Checkpoint,
): Promise<void> {
  const { optimizer = {}, ...trainer } = state ?? {};
  const metadata = {
    format: FORMAT,
    ...mapValues(about, (value) => JSON.stringify(value)),
    extras: JSON.stringify(Object.keys(extras)),
    ...state && { trainer: JSON.stringify(trainer) },
  };
  const tensors = { ...params, ...extras, ...slotTensors(optimizer, params) };
  await writeFileAtomic(path, encodeSafetensors(tensors, metadata));
}

/** Reads a checkpoint. Throws bad input for a damaged file, another kind of file or another version. */
export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  const { tensors, metadata } = await readSafetensors(path);
  const { format, trainer, extras, ...described } = metadata;
  if (format !== FORMAT) {
    throw badInput({
      expected: `a checkpoint of format '${FORMAT}'`,
      found: format ? `format '${format}'` : "weights alone",
      at: path,
      todo: format ? "Use the version that wrote it." : "Pass weights alone with --init.",
    });
  }
  const extraNames = new Set(parseJson(z.array(z.string()), extras, "extras", path));
  const part = (belongs: (name: string) => boolean): RawTensors =>
    Object.fromEntries(Object.entries(tensors).filter(([name]) => belongs(name)));
  const params = part((name) => !extraNames.has(name) && !name.startsWith(SLOTS));
  return {
    about: parseWith(
      about,
      mapValues(described, (text, key) => parseJson(z.unknown(), text, key, path)),
      path,
    ),
    params,
    extras: part((name) => extraNames.has(name)),
    state: trainer === undefined ? undefined : {
      ...parseJson(progress, trainer, "trainer", path),
      optimizer: slotsOf(part((name) => name.startsWith(SLOTS)), params, path),
    },
  };
}

/** Parameters of any safetensors file, ours or another's: the source of `--init`. */
export async function loadWeights(path: string): Promise<RawTensors> {
  const { tensors, metadata } = await readSafetensors(path);
  if (metadata.format === FORMAT) return (await loadCheckpoint(path)).params;
  return tensors;
}

/** Throws bad input that names the first thing in which a checkpoint differs from what is wanted; `at` is its path. */
export function requireSame(found: CheckpointAbout, wanted: Partial<CheckpointAbout>, at: string): void {
  for (const [key, value] of Object.entries(wanted)) {
    const theirs = found[key as keyof CheckpointAbout], ours = JSON.parse(JSON.stringify(value));
    if (isDeepStrictEqual(theirs, ours)) continue;
    throw badInput({
      expected: `${key} ${JSON.stringify(ours)}`,
      found: JSON.stringify(theirs) ?? "nothing",
      at,
      todo: "Use the data and options that it was trained with, or take its weights alone with --init.",
    });
  }
}

function slotTensors(optimizer: Record<string, ParameterState>, params: RawTensors): RawTensors {
  const tensors: RawTensors = {};
  for (const [name, { step, slots }] of Object.entries(optimizer)) {
    tensors[`${SLOTS}step.${name}`] = { shape: [], data: Int32Array.of(step) };
    for (const [slot, data] of Object.entries(slots)) {
      tensors[`${SLOTS}${slot}.${name}`] = { shape: params[name].shape, data };
    }
  }
  return tensors;
}

function slotsOf(tensors: RawTensors, params: RawTensors, at: string): Record<string, ParameterState> {
  const states: Record<string, ParameterState> = {};
  for (const [full, { shape, data }] of Object.entries(tensors)) {
    const [, slot, name] = /^optimizer\.([^.]+)\.(.+)$/.exec(full) ?? [];
    const fits = name in params &&
      (slot === "step" ? data.length === 1 : `${shape}` === `${params[name].shape}`);
    if (!fits) {
      throw badInput({
        expected: "optimiser slots of the file's own parameters",
        found: `'${full}' of shape [${shape}]`,
        at,
        todo:
          "The file was changed after it was written: take another checkpoint, or its weights with --init.",
      });
    }
    const state = states[name] ??= { step: 0, slots: {} };
    if (slot === "step") state.step = data[0];
    else state.slots[slot] = data as Float32Array;
  }
  return states;
}

function parseJson<T>(schema: z.ZodType<T>, text: string | undefined, key: string, path: string): T {
  const at = `metadata '${key}' of ${path}`;
  let value: unknown;
  try {
    value = JSON.parse(text ?? "");
  } catch (cause) {
    const found = text === undefined ? "nothing" : `'${text.slice(0, 40)}'`;
    throw badInput(
      { expected: "JSON", found, at, todo: "The file is damaged: take another checkpoint." },
      cause,
    );
  }
  return parseWith(schema, value, at);
}
