/** Hears words in speech with an ONNX export of Whisper, by the pipeline of transformers.js. */
import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import {
  type AutomaticSpeechRecognitionPipeline,
  env,
  LogitsProcessorList,
  LogLevel,
  pipeline,
} from "@huggingface/transformers";
import { z } from "zod";
import { badInput, nearest, requireKnown } from "../../errors.ts";
import {
  checksumOf,
  exportsOf,
  modelPlace,
  ONNX_DTYPES,
  type OnnxDtype,
  RECOGNISER_GRAPHS,
} from "../../hub/mod.ts";
import { requireFetched } from "../../files/mod.ts";
import { parseFacts } from "../../schema.ts";
import { SAMPLE_RATE } from "../encoder.ts";
import { fingerprint } from "../fingerprint.ts";
import { readFiles } from "../hf/files.ts";
import { sessionOptions } from "../onnx_session.ts";
import { TimesInOrder, type TimeTokens } from "./times_in_order.ts";

env.allowRemoteModels = false;
env.useFSCache = false;
env.logLevel = LogLevel.ERROR;

/** Words between two times, in seconds. */
export interface HeardSegment {
  start: number;
  end: number;
  text: string;
}

/** Hears words in sounds of limited length. */
export interface Recogniser {
  /** Name of the model: its folder, and the precision if it is not fp32. */
  name: string;
  /** Hash of all that decides which words are heard. */
  fingerprint: string;
  /** Longest sound of one call, in seconds: 30 for every published Whisper. */
  longest: number;
  /** The language, by its code; undefined for a model of English alone. */
  language?: string;
  /** What was assumed. */
  notes: readonly string[];
  /**
   * Returns the words in a sound of mono samples at 16 kHz, by greedy decoding, with times from its start.
   * Empty if the model hears none. What it hears in the silence behind the sound is dropped.
   */
  hear(samples: Float32Array): Promise<HeardSegment[]>;
  /** Frees the model. */
  close(): Promise<void>;
}

const FILES = {
  required: ["config.json", "preprocessor_config.json", "tokenizer.json", "tokenizer_config.json"],
  optional: ["generation_config.json"],
};
const kind = z.object({ model_type: z.string() });
const sizes = z.object({ max_target_positions: z.int().min(2) });
const preparation = z.object({
  chunk_length: z.number().positive(),
  sampling_rate: z.literal(SAMPLE_RATE),
});
const ids = z.record(z.string(), z.int().min(0));
const generation = z.object({
  decoder_start_token_id: z.int().min(0),
  no_timestamps_token_id: z.int().min(0),
  max_initial_timestamp_index: z.int().min(0).optional(),
  is_multilingual: z.boolean(),
  lang_to_id: ids.optional(),
  task_to_id: ids.optional(),
});

/**
 * Opens a Whisper. `name` is a folder or the name of an added model, and may end with `#` and a precision.
 * `language` is a code such as `en`; a model of several languages needs it. Throws UndertoneError if the
 * folder has no complete export of a Whisper, or the model does not know the language.
 */
export async function openRecogniser(name: string, language?: string): Promise<Recogniser> {
  const [, model, dtype = "fp32"] = name.match(/^(.*?)(?:#(\w+))?$/)!;
  const precision = requireKnown("the precision of an ONNX export", dtype, ONNX_DTYPES, `hf-onnx:${name}`);
  const { folder, notes } = await modelPlace("hf-onnx", model);
  const { paths, subfolder } = await graphsIn(folder, precision);
  const files = await readFiles(folder, FILES);
  const at = (file: string) => join(folder, file);
  const { model_type } = parseFacts(kind, files["config.json"], at("config.json"));
  if (model_type !== "whisper") throw noWhisper(model_type, folder);
  const { max_target_positions } = parseFacts(sizes, files["config.json"], at("config.json"));
  const { chunk_length: longest } = parseFacts(
    preparation,
    files["preprocessor_config.json"],
    at("preprocessor_config.json"),
  );
  if (!files["generation_config.json"]) throw noGeneration(folder);
  const known = parseFacts(generation, files["generation_config.json"], at("generation_config.json"));
  const spoken = languageOf(language, known, folder);
  const checksums = await Promise.all(paths.map((path) => checksumOf(path, "sha256:")));
  const hearing = await pipeline("automatic-speech-recognition", resolve(folder), {
    dtype: precision,
    device: "cpu",
    local_files_only: true,
    subfolder,
    session_options: sessionOptions(),
  }).catch((cause) => {
    throw badInput({
      expected: "an ONNX export of a Whisper",
      found: `one that can't be opened (${(cause as Error).message.trim().slice(0, 300)})`,
      at: folder,
      todo: "Fetch or export it again.",
    }, cause);
  }) as AutomaticSpeechRecognitionPipeline;
  const once = inOnePass(hearing, {
    most: Math.floor(max_target_positions / 2), // as many as OpenAI's own decoding takes
    times: {
      first: known.no_timestamps_token_id + 1,
      prompt: spoken === undefined ? 1 : 3, // the start, the language and the task
      mostAtStart: known.max_initial_timestamp_index,
    },
    language: spoken,
  });
  return {
    name: basename(resolve(folder)) + (precision === "fp32" ? "" : `#${precision}`),
    fingerprint: fingerprint(...checksums, JSON.stringify(files), spoken ?? ""),
    longest,
    language: spoken,
    notes,
    hear: (samples) => hear(once, samples),
    close: async () => void await hearing.dispose(),
  };
}

/** A model that stops this long before the end of a sound, in seconds, is asked for the rest. */
const REST = 1;

/** Returns the words in a sound. A model may stop before its end: the rest is then heard on its own. */
async function hear(once: Hearing, samples: Float32Array): Promise<HeardSegment[]> {
  const segments: HeardSegment[] = [], seconds = samples.length / SAMPLE_RATE;
  for (let from = 0;;) {
    const heard = await once(samples.subarray(Math.round(from * SAMPLE_RATE)));
    segments.push(...heard.map(({ start, end, text }) => ({ start: from + start, end: from + end, text })));
    const last = segments.at(-1)?.end ?? seconds;
    if (heard.length === 0 || seconds - last < REST || last - from < REST) return segments;
    from = last;
  }
}

/** Returns the words of one pass. */
type Hearing = (samples: Float32Array) => Promise<HeardSegment[]>;

/**
 * Decodes greedily in one pass. Of several passes, the pipeline would count the times of each from its own
 * start.
 */
const inOnePass = (
  pipeline: AutomaticSpeechRecognitionPipeline,
  { most, times, language }: { most: number; times: TimeTokens; language?: string },
): Hearing =>
async (samples) => {
  const rules = new LogitsProcessorList(); // the pipeline adds its own
  rules.push(new TimesInOrder(times));
  const options: Record<string, unknown> = {
    return_timestamps: true,
    do_sample: false,
    num_beams: 1,
    max_new_tokens: most,
    logits_processor: rules,
    ...language && { language, task: "transcribe" },
  };
  const { chunks = [] } = await pipeline(samples, options);
  const seconds = samples.length / SAMPLE_RATE;
  return chunks.flatMap(({ timestamp: [start, end], text }) => {
    if (!(start < seconds) || text.trim() === "") return [];
    return [{ start, end: Math.max(start, Math.min(end ?? seconds, seconds)), text }];
  });
};

/** Returns the graphs of an export with their files of weights. Throws UndertoneError if one is missing. */
async function graphsIn(folder: string, dtype: OnnxDtype): Promise<{ paths: string[]; subfolder: string }> {
  const placesOf = (dtype: OnnxDtype) =>
    exportsOf(RECOGNISER_GRAPHS, dtype).find((places) =>
      places.some((place) => existsSync(join(folder, place)))
    );
  const places = placesOf(dtype);
  if (!places) {
    const there = ONNX_DTYPES.filter((dtype) => placesOf(dtype));
    throw badInput({
      expected: `${exportsOf(RECOGNISER_GRAPHS, dtype)[0].join(" and ")}, the ONNX export of a Whisper,`,
      found: there.length ? `the precisions ${there.join(", ")}` : "neither",
      at: folder,
      todo: there.length
        ? `Name one of these: hf-onnx:${folder}#${there[0]}.`
        : "Fetch one, e.g. with 'deno task models add onnx-community/whisper-base --onnx'.",
    });
  }
  const missing = places.find((place) => !existsSync(join(folder, place)));
  if (missing) {
    throw badInput({
      expected: `${places.join(" and ")}, the ONNX export of a Whisper,`,
      found: `no ${missing}`,
      at: folder,
      todo: "Fetch or export it again, with the merged decoder.",
    });
  }
  const subfolder = dirname(places[0]), paths: string[] = [];
  const inside = await Array.fromAsync(Deno.readDir(join(folder, subfolder)), ({ name }) => name);
  for (const place of places) {
    const weights = inside.filter((name) => name.startsWith(`${basename(place)}_data`)).sort();
    paths.push(...[basename(place), ...weights].map((name) => join(folder, subfolder, name)));
  }
  for (const path of paths) await requireFetched(path);
  return { paths, subfolder };
}

/** Returns the code of the language to hear. Throws UndertoneError if it is needed, unknown or of no use. */
function languageOf(
  given: string | undefined,
  { is_multilingual, lang_to_id = {}, task_to_id = {} }: z.infer<typeof generation>,
  folder: string,
): string | undefined {
  const fail = (expected: string, found: string, todo: string) =>
    badInput({ expected, found, at: folder, todo });
  if (!is_multilingual) {
    if (given === undefined || given === "en") return undefined;
    throw fail(
      "English, which this model hears alone,",
      `the language '${given}'`,
      "Choose a model of several languages.",
    );
  }
  const codes = Object.keys(lang_to_id).map((token) => token.replace(/^<\|(.*)\|>$/, "$1"));
  if (codes.length === 0 || !("transcribe" in task_to_id)) {
    throw fail("lang_to_id and task_to_id in generation_config.json", "none", "Fetch the model again.");
  }
  const some = codes.length > 12 ? `${codes.slice(0, 12).join(", ")}, …` : codes.join(", ");
  if (given === undefined) {
    throw fail(
      "the language that is spoken, because this model knows several,",
      "none",
      `Name it by its code, e.g. --language ${codes[0]} (${some}).`,
    );
  }
  if (codes.includes(given)) return given;
  const meant = nearest(given, codes);
  throw fail(
    "the code of a language that the model knows",
    `'${given}'`,
    meant ? `Did you mean ${meant}?` : `Choose one of ${codes.join(", ")}.`,
  );
}

const noWhisper = (found: string, at: string) =>
  badInput({
    expected: "a Whisper, which writes down words,",
    found: `a model of the type '${found}'`,
    at,
    todo: "Name the folder of a Whisper with an ONNX export.",
  });

const noGeneration = (at: string) =>
  badInput({
    expected: "generation_config.json, which has the tokens of languages and times,",
    found: "none",
    at,
    todo: "Copy the file from the model's page on the hub, or fetch the model again.",
  });
