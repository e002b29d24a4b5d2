/**
 * Saves and loads a checkpoint, one safetensors file. Parameters and extra tensors keep their names, the
 * optimiser's slots are named `optimizer.<slot>.<name>`, and the metadata holds JSON. The file is enough to
 * resume the run to the same bytes, and to predict.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { badInput, few } from "../errors.ts";
import { TARGET_KINDS } from "../target.ts";
import { savedVersion } from "../encoders/mod.ts";
import { requireFinite } from "../finite.ts";
import { encodeSafetensors, type RawTensor, readSafetensors, writeFileAtomic } from "../files/mod.ts";
import { parseKept } from "../schema.ts";
import { mapValues } from "./map_values.ts";
import type { ParameterState } from "./optimizer.ts";
import type { TrainState } from "./state.ts";

/** The file format. It changes when older versions would misread a new file. */
const FORMAT = "undertone-checkpoint-1";
const SLOTS = "optimizer.";

export type RawTensors = Record<string, RawTensor>;

const encoder = z.strictObject({
  id: z.string().overwrite(savedVersion),
  fingerprint: z.string(),
  width: z.int().min(1),
  rate: z.number().positive().optional(),
});

const count = z.int().min(0);

/** Fingerprints of a split's labels, texts, clips and dialogues. */
const content = z.strictObject({
  labels: z.string(),
  text: z.string().optional(),
  audio: z.string().optional(),
  dialogue: z.string().optional(),
});

const about = z.strictObject({
  config: z.record(z.string(), z.unknown()),
  /** Absent for a class, as in files of version 0.1. */
  target: z.enum(TARGET_KINDS).optional(),
  labels: z.array(z.string().min(1)).min(1)
    .refine((labels) => new Set(labels).size === labels.length, "names of classes, each once"),
  encoders: z.strictObject({ text: encoder.optional(), audio: encoder.optional() }),
  method: z.string(),
  options: z.record(z.string(), z.unknown()),
  sizes: z.strictObject({ text: count, audio: count, classes: count }),
  seed: z.int(),
  rows: z.strictObject({
    train: count,
    dev: count,
    fingerprint: z.string(),
    content: z.strictObject({ train: content, dev: content }).optional(),
  }).optional(),
  modules: z.array(z.strictObject({ path: z.string(), sha256: z.string() })).min(1).optional(),
  extended: z.array(count).min(1).optional(),
  bases: z.array(z.enum(["text", "audio"])).min(1).optional(),
});

/**
 * Describes the model that the tensors belong to: the resolved configuration, the kind and names of its
 * targets, encoders, the fusion method with its options and sizes, and the seed. `rows` identifies the train
 * and dev rows, for resuming: `fingerprint` with the paths of clips, `content` without. `modules` lists the
 * user's own modules that registered parts of the model. `bases` lists the encoders whose frozen weights the
 * file leaves out, because LoRA does not change them; `encoders` names them. `extended` lists the numbers of
 * epochs that the run was planned for before it was extended.
 */
export type CheckpointAbout = z.infer<typeof about>;

const names = z.array(z.string());

const progress = z.strictObject({
  epoch: count,
  batch: count,
  step: count,
  lossSum: z.number(),
  lossWeight: z.number(),
  early: z.strictObject({ best: z.number().nullable(), bestEpoch: count.nullable(), waited: count }),
  /** Only in half precision. */
  scaling: z.strictObject({ scale: z.number().positive(), good: count, skipped: count }).optional(),
  /** Names of the parameters that the optimiser has updated. Older files lack this list. */
  optimizer: names.optional(),
});

export interface Checkpoint {
  about: CheckpointAbout;
  params: RawTensors;
  /** Tensors that are not trained, such as `standardizer.audio.mean`. */
  extras: RawTensors;
  /** Undefined if only the weights were saved. */
  state?: TrainState;
}

/** Writes a checkpoint atomically. Equal checkpoints give equal bytes. */
export async function saveCheckpoint(
  path: string,
  { about, params, extras, state }: Checkpoint,
): Promise<void> {
  const { optimizer = {}, ...trainer } = state ?? {};
  const metadata = {
    format: FORMAT,
    ...mapValues(about, (value) => JSON.stringify(value)),
    extras: JSON.stringify(Object.keys(extras)),
    ...state && { trainer: JSON.stringify({ ...trainer, optimizer: Object.keys(optimizer) }) },
  };
  const tensors = { ...params, ...extras, ...slotTensors(optimizer, params) };
  const complete = { ...metadata, [DIGEST]: digestOf(tensors, metadata) };
  await writeFileAtomic(path, encodeSafetensors(tensors, complete));
}

/**
 * Reads a checkpoint. Throws bad input if the file is damaged, has another format or version, or lacks a
 * tensor or optimiser slot that it lists itself.
 */
export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  const { tensors, metadata } = await readSafetensors(path);
  const { format, trainer, extras, [DIGEST]: digest, ...described } = metadata;
  if (format !== FORMAT) {
    throw badInput({
      expected: `a checkpoint of format '${FORMAT}'`,
      found: format ? `format '${format}'` : "weights alone",
      at: path,
      todo: format ? "Use the version that wrote it." : "Pass weights alone with --init.",
    });
  }
  const extraNames = new Set(parseJson(names, extras, "extras", path));
  requireThere([...extraNames], tensors, path);
  const part = (belongs: (name: string) => boolean): RawTensors =>
    Object.fromEntries(Object.entries(tensors).filter(([name]) => belongs(name)));
  const params = part((name) => !extraNames.has(name) && !name.startsWith(SLOTS));
  const slots = part((name) => !extraNames.has(name) && name.startsWith(SLOTS));
  if (trainer === undefined && Object.keys(slots).length > 0) {
    throw changed("no optimiser slots beside weights alone", few(Object.keys(slots)), path);
  }
  const checkpoint: Checkpoint = {
    about: parseKept(
      about,
      mapValues(described, (text, key) => parseJson(z.unknown(), text, key, path)),
      path,
    ),
    params,
    extras: part((name) => extraNames.has(name)),
    state: trainer === undefined
      ? undefined
      : stateOf(parseJson(progress, trainer, "trainer", path), slots, params, path),
  };
  // Last, so that a more precise reason comes first.
  if (digest !== undefined) requireDigest(digest, tensors, metadata, path);
  return checkpoint;
}

/** Key of the digest in the metadata. Files of version 0.1 lack it. */
const DIGEST = "sha256";

/** Returns the SHA-256 in hex of all tensors by name, and of the metadata except the digest itself. */
function digestOf(tensors: RawTensors, metadata: Readonly<Record<string, string>>): string {
  const hash = createHash("sha256");
  const byName = <T>(record: Readonly<Record<string, T>>) =>
    Object.entries(record).sort(([a], [b]) => a < b ? -1 : 1);
  for (const [key, text] of byName(metadata)) if (key !== DIGEST) hash.update(JSON.stringify([key, text]));
  for (const [name, { shape, data }] of byName(tensors)) {
    hash.update(JSON.stringify([name, shape]));
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest("hex");
}

function requireDigest(
  digest: string,
  tensors: RawTensors,
  metadata: Readonly<Record<string, string>>,
  at: string,
): void {
  const found = digestOf(tensors, metadata);
  if (found !== digest) throw changed(`content with the SHA-256 ${digest}`, found, at);
}

function stateOf(
  { optimizer: known, ...position }: z.infer<typeof progress>,
  tensors: RawTensors,
  params: RawTensors,
  at: string,
): TrainState {
  const optimizer = slotsOf(tensors, params, at);
  requireThere((known ?? []).map((name) => `${SLOTS}step.${name}`), tensors, at);
  const unknown = known && Object.keys(optimizer).filter((name) => !known.includes(name));
  if (unknown?.length) throw changed("slots of parameters that were trained", few(unknown), at);
  return { ...position, optimizer };
}

/** Throws bad input that names the missing tensors. */
function requireThere(wanted: readonly string[], tensors: RawTensors, at: string): void {
  const missing = wanted.filter((name) => !Object.hasOwn(tensors, name));
  if (missing.length) throw changed(few(missing), "no tensor of that name", at);
}

/** Returns the error for a file that was changed after Undertone wrote it. */
const changed = (expected: string, found: string, at: string) =>
  badInput({
    expected,
    found,
    at,
    todo:
      "The file was damaged or changed after it was written: use another checkpoint, or its weights with --init.",
  });

/** Reads the parameters for `--init` from any safetensors file. A checkpoint may lack everything else. */
export async function loadWeights(path: string): Promise<RawTensors> {
  const { tensors, metadata } = await readSafetensors(path);
  if (metadata.format !== FORMAT) return tensors;
  const extras = new Set(parseJson(names, metadata.extras, "extras", path));
  return Object.fromEntries(
    Object.entries(tensors).filter(([name]) => !extras.has(name) && !name.startsWith(SLOTS)),
  );
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

/**
 * Returns the optimiser's state of each parameter. Throws bad input if a value is not finite or if parameters
 * have different slots.
 */
function slotsOf(tensors: RawTensors, params: RawTensors, at: string): Record<string, ParameterState> {
  requireFinite(tensors, at);
  const states: Record<string, ParameterState> = {};
  for (const [full, { shape, data }] of Object.entries(tensors)) {
    const [, slot, name] = /^optimizer\.([^.]+)\.(.+)$/.exec(full) ?? [];
    const fits = name !== undefined && Object.hasOwn(params, name) &&
      (slot === "step"
        ? data instanceof Int32Array && data.length === 1 && data[0] >= 0
        : data instanceof Float32Array && `${shape}` === `${params[name].shape}`);
    if (!fits) {
      throw changed("optimiser slots of the file's own parameters", `'${full}' of shape [${shape}]`, at);
    }
    const state = states[name] ??= { step: 0, slots: {} };
    if (slot === "step") state.step = data[0];
    else state.slots[slot] = data as Float32Array;
  }
  const kinds = new Set(Object.values(states).flatMap(({ slots }) => Object.keys(slots)));
  const wanted = Object.keys(states).flatMap((name) =>
    ["step", ...kinds].map((slot) => `${SLOTS}${slot}.${name}`)
  );
  requireThere(wanted, tensors, at);
  return states;
}

const parseJson = <T>(schema: z.ZodType<T>, text: string | undefined, key: string, path: string): T => {
  const at = `metadata '${key}' of ${path}`;
  return parseKept(schema, parseJsonText(text, at), at);
};

/** Parses JSON from a file that Undertone wrote. `at` is its place. Throws bad input if it is damaged. */
export function parseJsonText(text: string | undefined, at: string): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch (cause) {
    const found = text === undefined ? "nothing" : `'${String(text).slice(0, 40)}'`;
    throw badInput(
      { expected: "JSON", found, at, todo: "The file is damaged: take another checkpoint." },
      cause,
    );
  }
}
