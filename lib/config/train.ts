/** The configuration of a training run: the only place where a default stands. */
import { z } from "zod";
import { DEVICES, ENGINES } from "../compute/mod.ts";
import { dataSources } from "../data/mod.ts";
import { formOf, type LoraOptions, loraOptions, speechEncoders, textEncoders } from "../encoders/mod.ts";
import { fusionMethods } from "../fusion/mod.ts";
import { isEncoding, readJson } from "../files/mod.ts";
import { metricNamed, metricsFor } from "../eval/mod.ts";
import { parseWith } from "../schema.ts";
import { allLosses } from "../train/mod.ts";

const list = (entries: readonly { id: string; argument?: string }[]): string =>
  entries.map(formOf).join(", ");

const prefixes = z.array(z.string()).min(1);

const phase = z.strictObject({
  epochs: z.int().min(1).describe("Epochs of this phase."),
  train: prefixes.describe("Name prefixes that train; the rest is frozen."),
  except: prefixes.optional().describe("Name prefixes among them that are frozen all the same."),
});

export const trainConfig = z.strictObject({
  data: z.string().default("sample").meta({
    get description() {
      const kinds = dataSources().map(({ summary }) => summary).join("; ");
      const ids = dataSources().filter(({ words }) => !words).map(({ id }) => `${id}:`);
      return `Data set: ${kinds}. Before the path, one of ${ids.join(" ")} says which it is.`;
    },
  }),
  encoding: z.string()
    .refine(isEncoding, "an encoding: utf-8, gb18030, big5, shift_jis, koi8-r, windows-1251, utf-16le, …")
    .optional()
    .describe(
      "Encoding of the data's CSV files, e.g. gb18030. UTF-8 where absent, or UTF-16 if a file shows it.",
    ),
  method: z.string().default("attention_pooling").meta({
    get description() {
      return `Fusion head: ${list(fusionMethods)}.`;
    },
  }),
  options: z.record(z.string(), z.unknown()).default({})
    .describe("Options of the head, e.g. --options.dropout=0.3."),
  text: z.string().default("use-lite").describe(`Text encoder: ${list(textEncoders())}, or none.`),
  audio: z.string().default("acoustic").describe(
    `Speech encoder: ${list(speechEncoders())}, several joined by +, or none.`,
  ),
  name: z.string().regex(/^\w[\w.-]*$/, "a name of letters, digits, '.', '_' and '-'").optional()
    .describe("Folder of the run under --out. Made from data, method and seed where absent."),
  out: z.string().default("outputs").describe("Folder that holds the runs."),
  cache: z.string().default("outputs/cache").describe("Folder that holds encoded features."),
  seed: z.int().min(0).default(1).describe("Seed of initial weights, batches and dropout."),
  epochs: z.int().min(1).default(10).describe("Passes over the training rows."),
  batch_size: z.int().min(1).default(32).describe("Rows in a batch."),
  accumulate: z.int().min(1).default(1).describe("Batches per update; equal to one batch of all their rows."),
  lr: z.number().positive().default(1e-3).describe("Highest learning rate of the head."),
  encoder_lr: z.number().positive().default(2e-5).describe("Highest learning rate of encoders that train."),
  weight_decay: z.number().min(0).default(0.01).describe("Decoupled decay; none on biases and norms."),
  warmup: z.number().min(0).max(1).default(0.1).describe("Share of the steps over which the rate rises."),
  schedule: z.enum(["linear", "cosine", "constant"]).default("linear").describe(
    "Shape of the rate after warm-up.",
  ),
  clip: z.number().min(0).default(1).describe("Bound on the gradient's global norm; 0 for none."),
  loss: z.string().default("cross_entropy").describe(`What training makes small: ${list(allLosses())}.`),
  label_smoothing: z.number().min(0).max(0.99).default(0).describe(
    "Share of the target spread over all classes.",
  ),
  focal_gamma: z.number().min(0).default(0).describe("Exponent of the focal loss; 0 is cross-entropy."),
  class_weights: z.enum(["none", "balanced", "sqrt"]).default("none").describe(
    "Weight of a class in the loss.",
  ),
  select: z.string().default("macro_f1").describe(
    `Dev metric that chooses the best epoch: loss, ${list(metricsFor("class"))}.`,
  ),
  patience: z.int().min(0).default(0).describe(
    "Stop after so many epochs without a better one; 0 never stops.",
  ),
  standardize: z.boolean().default(true).describe(
    "Scale each dimension of the hidden states by the train split.",
  ),
  max_text_length: z.int().min(1).default(128).describe(
    "Text states kept per utterance; longer ones are cut.",
  ),
  max_audio_length: z.int().min(1).default(512).describe(
    "Speech states kept per utterance; longer ones are cut.",
  ),
  max_rejected: z.number().min(0).max(1).default(0.1)
    .describe("Share of rows that may be unusable before the run is refused."),
  use: z.array(z.string()).default([]).describe(
    "Modules of your own that register methods, encoders, metrics or losses, e.g. --use my_head.ts; may be repeated.",
  ),
  train: prefixes.default(["head"]).describe(
    "What trains: head, text and audio (their encoders), or prefixes of parameter names, e.g. text.encoder.layer.5.",
  ),
  freeze: z.array(phase).default([]).describe(
    'Phases instead of --train, as JSON: [{"epochs":2,"train":["text","head"],"except":["text.embeddings"]},' +
      '{"epochs":1,"train":["head"]}]; the last goes on to the end.',
  ),
  lora: loraOptions.optional().describe(
    "Train low-rank changes of the encoders' linear layers instead of their weights, e.g. --lora.r=8; {} for the defaults.",
  ),
  gradient_checkpointing: z.boolean().default(false).describe(
    "Compute the layers of encoders that train twice instead of keeping what is inside them: less memory, more time.",
  ),
  engine: z.enum(ENGINES).default("onnx").describe(
    "What computes: the ONNX engine, TensorFlow's library (once set up), or plain TensorFlow.js.",
  ),
  device: z.enum(DEVICES).default("auto")
    .describe("Device of the engine: auto is the CPU; webgpu any GPU through its own driver; cuda NVIDIA's."),
  threads: z.int().min(1).max(1024).optional().describe("Threads of the engine; all cores where absent."),
});

/** Epochs in which the same parameters train. */
export interface Phase {
  /** Epochs of this phase. */
  epochs: number;
  /** `head`, `text`, `audio`, or prefixes of parameter names that train. */
  train: string[];
  /** Prefixes among them that do not. */
  except?: string[];
}

/** The configuration of a training, complete: what `trainConfig` gives. */
export interface TrainConfig {
  /** Data set: a manifest, a folder of MELD or RAVDESS, or `sample`. */
  data: string;
  /** Encoding of the data's CSV files; UTF-8 where absent. */
  encoding?: string;
  /** Fusion method by id. */
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
  /** Rows in a batch. */
  batch_size: number;
  /** Batches per update. */
  accumulate: number;
  /** Highest learning rate of the head. */
  lr: number;
  /** Highest learning rate of encoders that train. */
  encoder_lr: number;
  /** Decoupled weight decay; none on biases and norms. */
  weight_decay: number;
  /** Share of the steps, 0 to 1, over which the rate rises. */
  warmup: number;
  /** Shape of the rate after warm-up. */
  schedule: "linear" | "cosine" | "constant";
  /** Bound on the gradient's global norm; 0 for none. */
  clip: number;
  /** Loss by id. */
  loss: string;
  /** Share of the target that is spread over all classes. */
  label_smoothing: number;
  /** Exponent of the focal factor; 0 for none. */
  focal_gamma: number;
  /** Weight of a class in the loss, from the counts of the training rows. */
  class_weights: "none" | "balanced" | "sqrt";
  /** Dev metric that chooses the best epoch, by id, or `loss`. */
  select: string;
  /** Epochs without a better one after which training stops; 0 never stops. */
  patience: number;
  /** Whether each dimension of the hidden states is scaled by the train split. */
  standardize: boolean;
  /** Most text states of an utterance. */
  max_text_length: number;
  /** Most speech states of an utterance. */
  max_audio_length: number;
  /** Share of rows, 0 to 1, that may be unusable. */
  max_rejected: number;
  /** Modules of yours that register something. */
  use: string[];
  /** What trains: `head`, `text`, `audio`, or prefixes of parameter names. */
  train: string[];
  /** Phases in place of `train`; the last goes on to the end. */
  freeze: Phase[];
  /** Low-rank changes of the encoders in place of their weights. */
  lora?: LoraOptions;
  /** Whether layers of encoders that train are computed again for their gradients: less memory, more time. */
  gradient_checkpointing: boolean;
  /** What computes. */
  engine: "onnx" | "tensorflow" | "cpu";
  /** Device of the engine; `auto` is the CPU. */
  device: "auto" | "cpu" | "webgpu" | "cuda";
  /** Threads of the engine; all cores where absent. */
  threads?: number;
}

/** Whether more of a dev metric is better. Throws UndertoneError with the nearest name where there is no such metric. */
export const higherIsBetter = (metric: string): boolean =>
  metric !== "loss" && metricNamed(metric, "--select").higherIsBetter;

/** Options that version 0.1 called otherwise. */
const RENAMED: Readonly<Record<string, string>> = { checkpointing: "gradient_checkpointing" };

/** A configuration as it was saved, with the names that its options have now. */
export const withCurrentNames = (saved: unknown): unknown =>
  typeof saved !== "object" || saved === null || Array.isArray(saved)
    ? saved
    : Object.fromEntries(Object.entries(saved).map(([key, value]) => [RENAMED[key] ?? key, value]));

/** A config file's values, checked but without defaults, so that flags can go over them. Throws UndertoneError. */
export async function readConfigFile(
  path: string,
  schema: z.ZodType = trainConfig,
): Promise<Record<string, unknown>> {
  const values = withCurrentNames(await readJson(path));
  parseWith(schema, values, path);
  return values as Record<string, unknown>;
}
