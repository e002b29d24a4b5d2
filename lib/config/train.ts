/** The configuration of a training run. All defaults are defined here. */
import { z } from "zod";
import { DEVICE, DEVICES, ENGINES } from "../compute/mod.ts";
import {
  allAugmentations,
  type ColumnNames,
  type ContextOptions,
  dataSourcesText,
  MANIFEST_COLUMNS,
  NORMALIZE_FORMS,
  PROTOCOL,
  PROTOCOLS,
  readNormalization,
  SAMPLINGS,
} from "../data/mod.ts";
import {
  currentVersion,
  formOf,
  type LoraOptions,
  loraOptions,
  speechEncoders,
  textEncoders,
} from "../encoders/mod.ts";
import { fusionMethods } from "../fusion/mod.ts";
import { isEncoding } from "../files/mod.ts";
import { allMetrics, metricNamed } from "../eval/mod.ts";
import { type LabelOptions, labelOptions, LABELS_HELP } from "./labels.ts";
import { TARGET_KINDS, type TargetKind } from "../target.ts";
import { allLosses, AUTO, PRECISIONS } from "../train/mod.ts";

const list = (entries: readonly { id: string; argument?: string }[]): string =>
  entries.map(formOf).join(", ");

/** What may stand behind the folder of an encoder. */
const CHOICE_OF_STATES =
  "hf:<folder>#N takes layer N, #all a weighted sum of all layers, #q8 8-bit weights: docs/ENCODERS.md.";

const prefixes = z.array(z.string()).min(1);

/** Programs that can read a run's events. */
const TRACKERS = ["tensorboard"] as const;

const phase = z.strictObject({
  epochs: z.int().min(1).describe("Epochs of this phase."),
  train: prefixes.describe("Name prefixes of the trainable parameters; the rest are frozen."),
  except: prefixes.optional().describe("Name prefixes among them that stay frozen."),
});

/** Most turns on either side: more than the longest text encoder reads. */
const MOST_TURNS = 512;
const turns = z.int().min(0).max(MOST_TURNS).default(0);

const context = z.strictObject({
  past: turns.describe("Earlier turns before a text."),
  future: turns.describe("Later turns behind a text."),
  speakers: z.boolean().default(false).describe("Put the speaker's name before each turn."),
  states: turns.describe("Earlier utterances whose mean hidden states follow an utterance's own."),
});

const scaledBy = z.string().refine((text) => readNormalization(text) !== undefined, NORMALIZE_FORMS);

const normalize = z.union([
  scaledBy,
  z.strictObject({ text: scaledBy.optional(), audio: scaledBy.optional() }),
]);

const columnNames = Object.fromEntries(
  MANIFEST_COLUMNS.map((column) => [column, z.coerce.string().optional()]), // a column may be named 1
) as Record<keyof ColumnNames, z.ZodOptional<z.ZodCoercedString<string>>>;

const augmentRange = z.union([z.number(), z.tuple([z.number(), z.number()])], {
  error: "a number, or a range such as [10,30]",
});

export const trainConfig = z.strictObject({
  data: z.string().default("sample").meta({
    get description() {
      return dataSourcesText();
    },
  }),
  encoding: z.string()
    .refine(isEncoding, "an encoding: utf-8, gb18030, big5, shift_jis, koi8-r, windows-1251, utf-16le, …")
    .optional()
    .describe(
      "Encoding of the data's CSV files, e.g. gb18030. Default: UTF-8, or UTF-16 if its bytes show it.",
    ),
  columns: z.strictObject(columnNames).optional().describe(
    "Names of the CSV's columns if they are not the manifest's, e.g. --columns.text=sentence --columns.audio=wav.",
  ),
  pattern: z.string().min(1).optional().describe(
    "How a folder names its clips: --data files:my/clips --pattern '{speaker}_{sentence}_{label}'. Fields are the " +
      "manifest's columns; others are ignored. {speaker:2} is two characters, {take:digits} only digits, " +
      "{label:letters} only letters; a / stands between folders.",
  ),
  target: z.enum(TARGET_KINDS).optional().describe(
    "Kind of target to learn, if the data has several: class, distribution (votes), labels (several at once) " +
      "or values (continuous).",
  ),
  labels: labelOptions.optional().describe(LABELS_HELP),
  protocol: z.string().regex(PROTOCOL, PROTOCOLS).default("split").describe(
    "How the rows are divided. split: as the data says. all: train and dev alone. kfold:5: five folds (kfold:5:7 with seed 7), " +
      "with like shares of each label. loso: leave one speaker out. lodo: leave one data set (column 'corpus') out. session: leave " +
      "one session out. emobox: EmoBox's folds. No speaker (without speakers, no dialogue) is in two splits.",
  ),
  fold: z.int().min(1).optional().describe("Number of a single fold of --protocol. Default: all folds."),
  method: z.string().default("attention_pooling").meta({
    get description() {
      return `Fusion method: ${list(fusionMethods)}.`;
    },
  }),
  options: z.record(z.string(), z.unknown()).default({})
    .describe("Options of the fusion method, e.g. --options.dropout=0.3."),
  text: z.string().default("use-lite").describe(
    `Text encoder: ${list(textEncoders())}, or none. ${CHOICE_OF_STATES}`,
  ),
  audio: z.string().overwrite(currentVersion).default(currentVersion("acoustic")).describe(
    `Speech encoder: ${list(speechEncoders())}, several joined by +, or none. ${CHOICE_OF_STATES}`,
  ),
  name: z.string().regex(/^\w[\w.-]*$/, "a name of letters, digits, '.', '_' and '-'").optional()
    .describe("Folder of the run under --out. Default: built from data, method and seed."),
  out: z.string().default("outputs").describe("Folder that holds the runs."),
  cache: z.string().default("outputs/cache").describe("Folder of the feature cache."),
  seed: z.int().min(0).default(1).describe("Seed of initial weights, batches and dropout."),
  epochs: z.int().min(1).default(10).describe("Passes over the training rows."),
  batch_size: z.int().min(1).default(32).describe("Rows per batch."),
  accumulate: z.int().min(1).default(1).describe(
    "Micro-batches per update; the update equals that of one batch of all their rows.",
  ),
  lr: z.number().positive().default(1e-3).describe("Highest learning rate of the head."),
  encoder_lr: z.number().positive().default(2e-5).describe("Highest learning rate of trainable encoders."),
  weight_decay: z.number().min(0).default(0.01).describe(
    "Decoupled weight decay; biases and norms have none.",
  ),
  warmup: z.number().min(0).max(1).default(0.1).describe(
    "Share of the steps over which the learning rate rises.",
  ),
  schedule: z.enum(["linear", "cosine", "constant"]).default("linear").describe(
    "Shape of the learning rate after warm-up.",
  ),
  clip: z.number().min(0).default(1).describe("Largest global norm of the gradient; 0 turns clipping off."),
  loss: z.string().default(AUTO).describe(
    `Loss that training minimises: ${
      list(allLosses())
    }. auto is the first that fits the kind of target. The ` +
      "loss shown for dev stays that one.",
  ),
  label_smoothing: z.number().min(0).max(0.99).default(0).describe(
    "Share of the target spread over all classes.",
  ),
  focal_gamma: z.number().min(0).default(0).describe("Exponent of the focal loss; 0 is cross-entropy."),
  sampling: z.enum(SAMPLINGS).default("uniform").describe(
    "Which rows an epoch takes: each once (uniform), or all classes equally often (balanced), which repeats " +
      "rows of small classes. Dev and test are never sampled.",
  ),
  augment: z.record(z.string(), augmentRange).default({}).meta({
    get description() {
      return "Changes of training rows, e.g. --augment.noise=20 or --augment.noise=[10,30], drawn anew for each " +
        `row and epoch: ${
          list(allAugmentations())
        }. --augment.copies=3 is the number of changed copies of each ` +
        "text and clip over a frozen encoder.";
    },
  }),
  class_weights: z.enum(["none", "balanced", "sqrt"]).default("none").describe(
    "Weighting of classes in the loss, from the counts of the training rows.",
  ),
  select: z.string().default(AUTO).describe(
    `Dev metric that chooses the best epoch: loss, ${list(allMetrics())}. auto is macro_f1 for classes and ` +
      "labels, kl for distributions and ccc for values.",
  ),
  patience: z.int().min(0).default(0).describe(
    "Stop after this many epochs without improvement; 0 never stops early.",
  ),
  normalize: normalize.default("train").describe(
    "Scale each dimension of frozen encoders' hidden states to mean 0 and deviation 1, by statistics of the " +
      "train split, or of a row's own corpus, session, dialogue or speaker; none leaves them as they are. " +
      "speaker:transductive (all its unlabelled rows in the split), speaker:enrolled:8 (8 rows given " +
      "beforehand) or speaker:causal (its earlier rows). Per modality: --normalize.audio=speaker.",
  ),
  max_text_length: z.int().min(1).default(128).describe(
    "Most hidden states of a text; the rest is cut.",
  ),
  max_audio_length: z.int().min(1).default(512).describe(
    "Most hidden states of a clip; the rest is cut.",
  ),
  context: context.optional().describe(
    "Dialogue around an utterance, from its dialogue and turn: --context.past=8 and --context.future=2 put " +
      "turns around a text, --context.speakers puts names before them, and --context.states=8 appends the " +
      "mean states of earlier utterances, for any frozen encoder.",
  ),
  max_rejected: z.number().min(0).max(1).default(0.1)
    .describe("Share of rows that may be unusable before the run is refused."),
  keep_text: z.boolean().default(false).describe(
    "Keep the text of a row whose clip is missing or broken. Without it such a row is left out.",
  ),
  use: z.array(z.string()).default([]).describe(
    "Your modules that register methods, encoders, metrics or losses, e.g. --use my_head.ts; repeatable.",
  ),
  track: z.enum(TRACKERS).optional().describe(
    "Write the run's events for another program too: tensorboard (event files in the run's folder).",
  ),
  train: prefixes.default(["head"]).describe(
    "Trainable parts: head, text, audio (the encoders), or prefixes of parameter names, e.g. text.encoder.layer.5.",
  ),
  freeze: z.array(phase).default([]).describe(
    'Phases, each with the parts that it trains, as JSON: [{"epochs":2,"train":["text","head"],"except":["text.embeddings"]},' +
      '{"epochs":1,"train":["head"]}]; the last phase runs to the end.',
  ),
  lora: loraOptions.optional().describe(
    "Train LoRA matrices instead of the encoders' linear weights, e.g. --lora.r=8; {} uses the defaults. " +
      "If no parts are named, they and the head train.",
  ),
  gradient_checkpointing: z.boolean().default(false).describe(
    "Recompute the layers of trainable encoders for their gradients: less memory, more time.",
  ),
  precision: z.enum(PRECISIONS).default("fp32").describe(
    "Precision of training steps. fp16: products read 16-bit floats, and the loss is scaled; weights and " +
      "all else stay 32-bit. Faster on GPUs alone.",
  ),
  engine: z.enum(ENGINES).default("onnx").describe(
    "Engine: onnx (ONNX Runtime), tensorflow (TensorFlow's library, once set up), or cpu (plain TensorFlow.js).",
  ),
  device: z.string().regex(DEVICE, `${DEVICES.join(", ")}, or a GPU by number such as cuda:1`).default("auto")
    .describe(
      "Device of the engine: webgpu is any GPU with its own driver, cuda an NVIDIA GPU, and cuda:1 the second of " +
        "several. With auto, a training takes a GPU if an encoder trains and one is there, and else the CPU.",
    ),
  threads: z.int().min(1).max(1024).optional().describe(
    "Threads of the engine and of frozen encoders. Default: all cores.",
  ),
});

/** A phase: epochs in which the same parameters train. */
export interface Phase {
  /** Epochs of this phase. */
  epochs: number;
  /** `head`, `text`, `audio`, or prefixes of parameter names that train. */
  train: string[];
  /** Prefixes among them that stay frozen. */
  except?: string[];
}

/** The complete configuration of a training: the output of `trainConfig`. */
export interface TrainConfig {
  /** Data set: a manifest, a MELD or RAVDESS folder, or `sample`. */
  data: string;
  /** Encoding of the data's CSV files. Default: UTF-8, or UTF-16 if its bytes show it. */
  encoding?: string;
  /** Names of the CSV's columns, by the columns of a manifest that they stand for. */
  columns?: ColumnNames;
  /** How a folder names its clips: `{speaker}_{sentence}_{label}`. */
  pattern?: string;
  /** Kind of target to learn, if the data has several. */
  target?: TargetKind;
  /** How labels are merged, renamed and dropped; absent if they stay. */
  labels?: LabelOptions;
  /** How the rows are divided: `split`, `all`, `kfold:5`, `loso`, `lodo`, `session` or `emobox`. */
  protocol: string;
  /** Number of the fold of the protocol. */
  fold?: number;
  /** Id of the fusion method. */
  method: string;
  /** Options of the method. */
  options: Record<string, unknown>;
  /** Text encoder, or `none`. */
  text: string;
  /** Speech encoder, or several joined by `+`, or `none`. */
  audio: string;
  /** Folder of the run under `out`. */
  name?: string;
  /** Folder that holds the runs. */
  out: string;
  /** Folder of the feature cache. */
  cache: string;
  /** Seed of initial weights, batches and dropout. */
  seed: number;
  /** Passes over the training rows. */
  epochs: number;
  /** Rows per batch. */
  batch_size: number;
  /** Micro-batches per update. */
  accumulate: number;
  /** Highest learning rate of the head. */
  lr: number;
  /** Highest learning rate of trainable encoders. */
  encoder_lr: number;
  /** Decoupled weight decay; biases and norms have none. */
  weight_decay: number;
  /** Share of the steps, 0 to 1, over which the learning rate rises. */
  warmup: number;
  /** Shape of the learning rate after warm-up. */
  schedule: "linear" | "cosine" | "constant";
  /** Largest global norm of the gradient; 0 turns clipping off. */
  clip: number;
  /** Id of the loss; `auto` is the default of the kind of target. */
  loss: string;
  /** Share of the target spread over all classes. */
  label_smoothing: number;
  /** Exponent of the focal loss; 0 gives cross-entropy. */
  focal_gamma: number;
  /** Which rows an epoch takes: each once, or all classes equally often. */
  sampling: "uniform" | "balanced";
  /** Numbers of augmentations by name, each a single one or a range, and of `copies`. */
  augment: Record<string, number | [number, number]>;
  /** Weighting of classes in the loss, from the counts of the training rows. */
  class_weights: "none" | "balanced" | "sqrt";
  /** Id of the dev metric that chooses the best epoch, or `loss`; `auto` is that of the kind of target. */
  select: string;
  /** Training stops after this many epochs without improvement; 0 never stops early. */
  patience: number;
  /** By which statistics each dimension of the hidden states is scaled, for both modalities or for each. */
  normalize: string | { text?: string; audio?: string };
  /** Most hidden states of a text; the rest is cut. */
  max_text_length: number;
  /** Most hidden states of a clip; the rest is cut. */
  max_audio_length: number;
  /** What is read of the dialogue around an utterance; absent if nothing is. */
  context?: ContextOptions;
  /** Largest share of unusable rows, 0 to 1, before the run is refused. */
  max_rejected: number;
  /** Whether a row whose clip is missing or broken keeps its text. If not, it is left out. */
  keep_text: boolean;
  /** Paths of your modules that register methods, encoders, metrics or losses. */
  use: string[];
  /** The program that also gets the run's events; none if absent. */
  track?: "tensorboard";
  /** Trainable parts: `head`, `text`, `audio`, or prefixes of parameter names. */
  train: string[];
  /** Phases that replace `train`; the last one runs to the end. */
  freeze: Phase[];
  /** LoRA options; if present, LoRA matrices train instead of the encoders' weights. */
  lora?: LoraOptions;
  /** Whether the layers of trainable encoders are recomputed for their gradients: less memory, more time. */
  gradient_checkpointing: boolean;
  /** Precision of training steps. With `fp16`, products read 16-bit floats. */
  precision: "fp32" | "fp16";
  /** The engine. */
  engine: "onnx" | "tensorflow" | "cpu";
  /** Device of the engine: `auto` (the CPU), `cpu`, `webgpu` or `cuda`, perhaps with a number: `cuda:1`. */
  device: string;
  /** Threads of the engine. Default: all cores. */
  threads?: number;
}

/**
 * Returns whether a larger value of a dev metric is better. Throws
 * UndertoneError that suggests the nearest name if the metric is unknown.
 */
export const higherIsBetter = (metric: string): boolean =>
  metric !== "loss" && metricNamed(metric, "--select").higherIsBetter;
