/** Chooses the files of a model to fetch: configuration, tokenizer, and one form of the weights. */
import { badInput } from "../errors.ts";
import type { HubFile } from "./api.ts";
import { exportsOf, ONNX_DTYPES, type OnnxDtype, onnxFile, RECOGNISER_GRAPHS } from "./onnx_file.ts";

/** Configuration and tokenizer, of which a model has some. */
export const SMALL = [
  "config.json",
  "preprocessor_config.json",
  "processor_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
];
/** At least one of these must exist: they say how inputs are prepared. */
const NEEDED = ["tokenizer.json", "preprocessor_config.json", "processor_config.json"];
/** Tokenizers without tokenizer.json that are read here: the files that each must have. */
const OLDER = [["vocab.txt"], ["vocab.json", "merges.txt"], ["sentencepiece.bpe.model"]];
/** Files with all weights, in order of preference, and the names of shards. */
const WHOLE = ["model.safetensors", "pytorch_model.bin"];
const SHARDS = [/^model-\d+-of-\d+\.safetensors$/, /^pytorch_model-\d+-of-\d+\.bin$/];
/** A run of this project's: the checkpoint to predict with, and the export's parts. */
const CHECKPOINTS = ["checkpoints/best.safetensors", "checkpoints/last.safetensors"];
const EXPORT = ["onnx/model.onnx", "onnx/model.json", "onnx/tokenizer.json"];
/** Vocabularies of tokenizers without tokenizer.json. */
const VOCABULARY = /^(vocab\.(txt|json)|merges\.txt|.*\.model)$/;

/**
 * Returns the files to fetch: with weights, safetensors if there are any, or with the ONNX export of
 * precision `onnx` if given. Throws UndertoneError if the model `name` has no files that can be read here.
 */
export function choose(name: string, files: readonly HubFile[], onnx?: OnnxDtype): HubFile[] {
  const paths = files.map(({ path }) => path);
  const fail = (expected: string, found: string, todo: string) =>
    badInput({ expected, found, at: `the model ${name}`, todo });
  if (!paths.includes("config.json")) {
    throw fail("config.json", "none", "Choose a model in the format of the transformers library.");
  }
  const checkpoint = CHECKPOINTS.find((path) => paths.includes(path));
  if (checkpoint) return runFiles(checkpoint, files, onnx, fail);
  const needed = NEEDED.some((path) => paths.includes(path));
  const vocabulary = needed ? undefined : OLDER.find((files) => files.every((path) => paths.includes(path)));
  if (!needed && !vocabulary) {
    const older = paths.filter((path) => VOCABULARY.test(path));
    throw fail(
      "tokenizer.json or a vocabulary (text), or preprocessor_config.json or processor_config.json (speech)",
      older.length ? `none (but ${older.join(", ")})` : "none",
      "Choose a model that has one of these, or save tokenizer.json and the weights with " +
        `transformers in Python: AutoTokenizer.from_pretrained("${name}").save_pretrained(folder).`,
    );
  }
  const graphsIn = (dtype: OnnxDtype) =>
    [...exportsOf(["model"], dtype), ...exportsOf(RECOGNISER_GRAPHS, dtype)]
      .find((graphs) => graphs.every((path) => paths.includes(path)));
  const graphs = onnx && graphsIn(onnx);
  if (onnx && !graphs) {
    const there = ONNX_DTYPES.filter(graphsIn);
    throw fail(
      onnxFile(onnx),
      there.length ? `the precisions ${there.join(", ")}` : "no ONNX export",
      there.length
        ? "Choose one of these with --dtype."
        : "Leave --onnx out, or choose a model that has one.",
    );
  }
  const isWeight = graphs ? exportAt(graphs) : weightsIn(paths);
  if (!isWeight) {
    throw fail(
      `${WHOLE.join(" or ")}, or its shards`,
      "neither",
      "Choose a model with one of these, or an ONNX export with --onnx.",
    );
  }
  const isOlder = (path: string) => vocabulary?.includes(path) || vocabulary && path === "added_tokens.json";
  const small = graphs && graphs.length > 1 ? [...SMALL, "generation_config.json"] : SMALL;
  return files.filter(({ path }) => small.includes(path) || isOlder(path) || isWeight(path));
}

type Fail = (expected: string, found: string, todo: string) => Error;

/**
 * Returns the files of a run that was pushed: its configuration, card and checkpoint, and with `onnx` its
 * export.
 */
function runFiles(
  checkpoint: string,
  files: readonly HubFile[],
  onnx: OnnxDtype | undefined,
  fail: Fail,
): HubFile[] {
  if (onnx && !files.some(({ path }) => path === EXPORT[0])) {
    throw fail(EXPORT[0], "no ONNX export", "Leave --onnx out.");
  }
  const wanted = ["config.json", "README.md", checkpoint, ...onnx ? EXPORT : []];
  return files.filter(({ path }) => wanted.includes(path));
}

/** Returns which paths are the weights: one file, or an index and its shards; undefined if there are none. */
function weightsIn(paths: readonly string[]): ((path: string) => boolean) | undefined {
  for (const [i, whole] of WHOLE.entries()) {
    if (paths.includes(whole)) return (path) => path === whole;
    const index = `${whole}.index.json`;
    if (paths.includes(index)) return (path) => path === index || SHARDS[i].test(path);
  }
}

/** Whether a path belongs to an export: one of its graphs, or a file of external weights beside it. */
const exportAt = (graphs: readonly string[]) => (path: string): boolean =>
  graphs.some((graph) => path.startsWith(graph) && /^(_data(_\d+)?)?$/.test(path.slice(graph.length)));
