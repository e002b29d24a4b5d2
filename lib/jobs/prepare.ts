/** From a configuration to examples: loads the data set and encoders, and reads or computes hidden states. */
import {
  clipWarningsNote,
  contextNotes,
  type ContextOptions,
  coverageNotes,
  type Dataset,
  type Example,
  loadDataset,
  type Rejection,
  type Split,
  textOnlyNotes,
} from "../data/mod.ts";
import {
  type EncodeProgress,
  encoderNotes,
  fingerprint,
  isStored,
  type Modality,
  modelEncoder,
  type NetworkEncoder,
  networkOf,
  readableRows,
  readExamples,
  type SpeechEncoder,
  speechEncoder,
  type TextEncoder,
  textEncoderFor,
} from "../encoders/mod.ts";
import { asking, SMALLER_INPUTS } from "../explain.ts";
import { dataReading, normalizationOf, type RunPlan, type TrainConfig } from "../config/mod.ts";
import { presentIn, refuseIfTooMany, requireModalities, requireRows } from "./demands.ts";
import { type Division, requireRowsOf, splitById } from "./division.ts";
import { type Content, contentOf, type SplitContent } from "./content.ts";
import { adapted, type Blueprint, type EncoderRef, MODALITIES, type ModelEncoders } from "../model/mod.ts";
import type { TargetKind } from "../target.ts";
import type { CheckpointAbout } from "../train/mod.ts";

/** A data set that is ready for a model. */
export interface Prepared {
  dataset: Dataset;
  /** The encoders before any training. */
  encoders: { text?: TextEncoder; audio?: SpeechEncoder };
  /** Usable rows by split, with hidden states of frozen encoders and raw inputs of encoders in the model. */
  examples: Record<Split, Example[]>;
  /** Unusable rows, rejected by loading or by encoding. */
  rejected: readonly Rejection[];
  /** The content of the train and dev rows, if they were prepared for training. */
  content?: Content;
  /** What was read of the dialogue around each row. */
  context?: ContextOptions;
  /** Whether a modality is scaled by groups of rows, e.g. by speaker. */
  byGroups?: boolean;
}

export interface PrepareOptions {
  /** Splits to prepare; the others stay empty. */
  splits: readonly Split[];
  /** The kind of target, e.g. that of a checkpoint. Default: the configured one, or that of the data. */
  target?: TargetKind;
  /** The classes, e.g. those of a checkpoint. Default: the labels of the data. */
  labels?: readonly string[];
  /** The rows of an existing run. Default: the configuration divides them. */
  division?: Division;
  /** The data set if it is already loaded. Default: that of the configuration. */
  dataset?: Dataset;
  /**
   * Omit modalities that no row of the splits has; a trained model can work without them. Default: refuse.
   */
  goWithout?: boolean;
  /** Frozen encoders that are loaded already, in place of those that the plan names. */
  encoders?: Prepared["encoders"];
  /** Encoders of an existing model. They read their modalities instead of the configured encoders. */
  modelEncoders?: ModelEncoders;
  signal?: AbortSignal;
  onProgress?: (progress: EncodeProgress) => void;
}

type DataConfig = Pick<
  TrainConfig,
  | "data"
  | "encoding"
  | "columns"
  | "pattern"
  | "target"
  | "labels"
  | "protocol"
  | "fold"
  | "method"
  | "context"
  | "cache"
  | "max_rejected"
  | "keep_text"
  | "max_text_length"
  | "max_audio_length"
>;

/** What a plan says about data: where they are, their bounds, and the encoders that read them. */
export type DataPlan = { config: DataConfig } & Pick<RunPlan, "encoders">;

/** Returns prepared data for a method that reads only some modalities: the same rows with fewer encoders. */
export const restrict = (prepared: Prepared, modalities: readonly Modality[]): Prepared => ({
  ...prepared,
  encoders: restrictTo(modalities, prepared.encoders),
});

const restrictTo = (modalities: readonly Modality[], encoders: Prepared["encoders"]): Prepared["encoders"] =>
  Object.fromEntries(
    Object.entries(encoders).filter(([modality]) => modalities.includes(modality as Modality)),
  );

/** Returns prepared data with more notes. */
export const withNotes = (prepared: Prepared, notes: readonly string[]): Prepared => ({
  ...prepared,
  dataset: { ...prepared.dataset, notes: [...prepared.dataset.notes, ...notes] },
});

/** Loads and encodes the data of a plan. Throws UndertoneError if the data or an encoder can't be used. */
export async function prepare(
  { config, encoders: planned }: DataPlan,
  options: PrepareOptions,
): Promise<Prepared> {
  const { labels, modelEncoders = {}, splits, encoders: loaded = {}, signal, onProgress } = options;
  const { data, keep_text: keepText, context } = config;
  const wanted = MODALITIES.filter((modality) => planned[modality]);
  const stored = wanted.filter((modality) => isStored(modality, planned[modality]!.name));
  const { division } = options;
  const dataset = options.dataset ??
    await loadDataset(data, {
      ...dataReading(config),
      target: options.target ?? config.target,
      labels,
      modalities: wanted,
      stored,
      ...division ? { division: splitById(division) } : { protocol: config.protocol, fold: config.fold },
    });
  if (division) requireRowsOf(division, dataset);
  refuseIfTooMany(config, dataset, dataset.rejected); // rows that were left out explain what seems to lack
  const found = await encodersFor(planned, stored, context);
  const readable = (modality: Modality) => readableRows(modality, found[modality], dataset.rows);
  const modalities = options.goWithout ? presentIn(dataset, wanted, readable, config, splits) : wanted;
  const known = { ...modelEncoders, ...found, ...loaded };
  const others = modalities.filter((modality) => !known[modality]);
  const encoders = {
    ...restrictTo(modalities, { ...found, ...loaded }),
    ...await encodersFor(planned, others, context),
  };
  requireModalities(config, modalities, dataset, { ...encoders, ...modelEncoders }, readable, splits);
  const read = await asking(`encoding ${data}`, SMALLER_INPUTS, () =>
    readExamples(
      dataset,
      {
        frozen: {
          text: planned.text?.startsFrozen ? encoders.text : undefined,
          audio: planned.audio?.startsFrozen ? encoders.audio : undefined,
        },
        modelEncoders: { ...networksThatTrain(encoders, planned), ...modelEncoders },
      },
      { text: config.max_text_length, audio: config.max_audio_length },
      { cacheDir: config.cache, keepText, splits, context, signal, onProgress },
    ));
  if (splits.includes("train")) { // frees the engine's memory for training
    for (const encoder of [encoders.text, encoders.audio]) encoder?.release?.();
  }
  const examples: Prepared["examples"] = { train: [], dev: [], test: [] };
  const unusable = new Set(division?.unusable);
  read.examples.forEach((example, i) => {
    if (!unusable.has(example.id)) examples[read.rows[i].split].push(example);
  });
  const unreadable = read.rejected, dead = new Set(unreadable.map(({ id }) => id));
  const rejected = [...dataset.rejected, ...unreadable];
  refuseIfTooMany(config, dataset, rejected);
  for (const split of splits) requireRows(config.data, split, examples[split]);
  const odd = clipWarningsNote(read.clipWarnings);
  const lost = dead.size === 0 ? [] : coverageNotes(
    dataset.rows.filter(({ id }) => !dead.has(id)),
    dataset.labels,
    dataset.target,
  ).filter((note) => !dataset.notes.includes(note));
  const notes = [
    ...dataset.notes,
    ...lost,
    ...textOnlyNotes(read.textOnly),
    ...encoderNotes({ ...encoders, ...modelEncoders }),
    ...contextNotes(dataset.rows.filter(({ split }) => splits.includes(split)), context),
    ...read.notes,
    ...(odd ? [odd] : []),
  ];
  const content = splits.includes("train")
    ? await contentOf(dataset, splits, modalities, { cache: config.cache, encoders, signal })
    : undefined;
  return { dataset: { ...dataset, notes }, encoders, examples, rejected, content, context };
}

/** Loads the planned encoders of these modalities; that of text reads dialogues if the context has turns. */
async function encodersFor(
  planned: RunPlan["encoders"],
  modalities: readonly Modality[],
  context?: ContextOptions,
): Promise<Prepared["encoders"]> {
  const name = (modality: Modality) => modalities.includes(modality) ? planned[modality]!.name : "none";
  const text = name("text"), audio = name("audio");
  return {
    ...text !== "none" && { text: await textEncoderFor(text, context) },
    ...audio !== "none" && { audio: await speechEncoder(audio) },
  };
}

/** Returns the networks of encoders that train. Throws UndertoneError if one can't be trained. */
function networksThatTrain(
  encoders: Prepared["encoders"],
  planned: RunPlan["encoders"],
): Partial<Record<Modality, NetworkEncoder<never>>> {
  const networks: Partial<Record<Modality, NetworkEncoder<never>>> = {};
  for (const modality of MODALITIES) {
    const encoder = encoders[modality];
    if (encoder && planned[modality]?.trains) networks[modality] = networkOf<never>(encoder);
  }
  return networks;
}

/** Returns the parts of a new model for prepared data, as planned. */
export function blueprint({ dataset, encoders, examples }: Prepared, plan: RunPlan): Blueprint {
  const { method, options, config } = plan;
  const { text, audio } = encoders, modelEncoders: ModelEncoders = {};
  for (const network of Object.values(networksThatTrain(encoders, plan.encoders))) {
    modelEncoders[network.modality] = modelEncoder(network);
  }
  return {
    method,
    options,
    target: dataset.target,
    labels: dataset.labels,
    encoders: { text: text && encoderRef(text), audio: audio && encoderRef(audio) },
    modelEncoders: adapted(modelEncoders, config),
    maxLength: { text: config.max_text_length, audio: config.max_audio_length },
    earlier: config.context?.states,
    scaleBy: Object.fromEntries(
      MODALITIES.filter((modality) => normalizationOf(config, modality).by !== "none")
        .map((modality) => [modality, examples.train]),
    ),
    seed: config.seed,
  };
}

/** Returns the sizes and fingerprints of the train and dev rows. A run resumes only on equal rows. */
export function rowsRef(
  { dataset, encoders, examples, content, context, byGroups }: Prepared,
): NonNullable<CheckpointAbout["rows"]> {
  const { train, dev } = examples, byId = new Map(dataset.rows.map((row) => [row.id, row]));
  const contents = [train, dev].map((split) =>
    split.map(({ id, target }) => {
      const row = byId.get(id)!;
      return [id, target?.value ?? -1, encoders.text && row.text, encoders.audio && row.audio];
    })
  );
  const read = ({ labels, text, audio, dialogue }: SplitContent) => ({
    labels,
    ...(context || byGroups) && { dialogue },
    ...encoders.text && { text },
    ...encoders.audio && { audio },
  });
  return {
    train: train.length,
    dev: dev.length,
    fingerprint: fingerprint(JSON.stringify(contents)),
    content: content && { train: read(content.train!), dev: read(content.dev!) },
  };
}

const encoderRef = ({ id, fingerprint, width, rate }: TextEncoder | SpeechEncoder): EncoderRef => ({
  id,
  fingerprint,
  width,
  rate,
});
