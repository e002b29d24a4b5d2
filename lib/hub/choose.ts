/** Chooses the files of a model to fetch: configuration, tokenizer, and one form of the weights. */
import { badInput } from "../errors.ts";
import type { HubFile } from "./api.ts";
import { ONNX_DTYPES, type OnnxDtype, onnxFile } from "./onnx_file.ts";

const SMALL = [
  "config.json",
  "preprocessor_config.json",
  "processor_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
];
/** At least one of these must exist: they say how inputs are prepared. */
const NEEDED = ["tokenizer.json", "preprocessor_config.json", "processor_config.json"];
const WHOLE = "model.safetensors";
const INDEX = "model.safetensors.index.json";
const SHARD = /^model-\d+-of-\d+\.safetensors$/;
/** Weights in Python's pickle format, which runs code when it is read. */
const PICKLE = /^pytorch_model[\w.-]*\.bin$/;
/** Vocabularies of tokenizers without tokenizer.json. */
const VOCABULARY = /^(vocab\.(txt|json)|merges\.txt|.*\.model)$/;

/**
 * Returns the files to fetch: with safetensors weights, or with the ONNX export of precision `onnx` if given.
 * Throws UndertoneError if the model `name` has no files that can be read here.
 */
export function choose(name: string, files: readonly HubFile[], onnx?: OnnxDtype): HubFile[] {
  const paths = files.map(({ path }) => path);
  const fail = (expected: string, found: string, todo: string) =>
    badInput({ expected, found, at: `the model ${name}`, todo });
  if (!paths.includes("config.json")) {
    throw fail("config.json", "none", "Choose a model in the format of the transformers library.");
  }
  if (!NEEDED.some((path) => paths.includes(path))) {
    const older = paths.filter((path) => VOCABULARY.test(path));
    throw fail(
      "tokenizer.json (text), or preprocessor_config.json or processor_config.json (speech)",
      older.length ? `none (but ${older.join(", ")})` : "none",
      "Only tokenizer.json is read: choose a model that has it, or save it and the weights with " +
        `transformers in Python: AutoTokenizer.from_pretrained("${name}").save_pretrained(folder).`,
    );
  }
  const isWeight = onnx
    ? exportOf(onnx)
    : paths.includes(WHOLE)
    ? (path: string) => path === WHOLE
    : (path: string) => path === INDEX || SHARD.test(path);
  if (onnx && !paths.includes(onnxFile(onnx))) {
    const there = ONNX_DTYPES.filter((dtype) => paths.includes(onnxFile(dtype)));
    throw fail(
      onnxFile(onnx),
      there.length ? `the precisions ${there.join(", ")}` : "no ONNX export",
      there.length
        ? "Choose one of these with --dtype."
        : "Leave --onnx out, or choose a model that has one.",
    );
  }
  if (!onnx && !paths.includes(WHOLE) && !paths.includes(INDEX)) {
    const pickle = paths.find((path) => PICKLE.test(path));
    throw fail(
      `${WHOLE} or its shards`,
      pickle ?? "neither",
      pickle
        ? "That form runs code when it is read. Try --revision refs/pr/1 (the hub's own conversion often is a " +
          "pull request), or convert it with transformers in Python: " +
          `AutoModel.from_pretrained("${name}").save_pretrained(folder).`
        : "Choose a model with safetensors weights, or an ONNX export with --onnx.",
    );
  }
  return files.filter(({ path }) => SMALL.includes(path) || isWeight(path));
}

/** Whether a path belongs to an export: the graph, or a file of external weights beside it. */
const exportOf = (dtype: OnnxDtype) => (path: string): boolean =>
  path.startsWith(onnxFile(dtype)) && /^(_data(_\d+)?)?$/.test(path.slice(onnxFile(dtype).length));
