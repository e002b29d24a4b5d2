import { deepEqual, throws } from "../testing/assert.ts";
import { choose } from "./choose.ts";
import type { OnnxDtype } from "./onnx_file.ts";

const list = (...paths: string[]) => paths.map((path) => ({ path, size: 1, checksum: "git:0" }));
const chosen = (onnx: OnnxDtype | undefined, ...paths: string[]) =>
  choose("a/b", list(...paths), onnx).map(({ path }) => path);

const TEXT = ["config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"];
const SPEECH = ["config.json", "preprocessor_config.json"];
const REST = [
  "README.md",
  ".gitattributes",
  "vocab.txt",
  "tf_model.h5",
  "flax_model.msgpack",
  "pytorch_model.bin",
];
const SHARDS = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
const INDEX = "model.safetensors.index.json";

Deno.test("only the files that are read here are chosen", () => {
  deepEqual(chosen(undefined, ...TEXT, ...REST, "model.safetensors", "onnx/model.onnx"), [
    ...TEXT,
    "model.safetensors",
  ]);
  deepEqual(chosen(undefined, ...SPEECH, ...REST, "vocab.json", INDEX, ...SHARDS), [
    ...SPEECH,
    INDEX,
    ...SHARDS,
  ]);
  deepEqual(chosen(undefined, ...SPEECH, INDEX, ...SHARDS, "model.safetensors"), [
    ...SPEECH,
    "model.safetensors",
  ]);
});

Deno.test("of a Whisper's export, both graphs with their weights and the tokens of languages are chosen", () => {
  const graphs = [
    "onnx/encoder_model.onnx",
    "onnx/encoder_model.onnx_data",
    "onnx/decoder_model_merged.onnx",
  ];
  const small = [...SPEECH, "generation_config.json", "tokenizer.json"];
  const others = [
    "onnx/decoder_model.onnx",
    "onnx/decoder_with_past_model.onnx",
    "onnx/encoder_model_fp16.onnx",
  ];
  deepEqual(chosen("fp32", ...small, ...REST, ...graphs, ...others), [...small, ...graphs]);
  throws(
    () => chosen("fp16", ...small, ...graphs, ...others),
    /Expected onnx\/model_fp16\.onnx but found the precisions fp32/,
  );
  deepEqual(chosen(undefined, ...small, "model.safetensors", ...graphs), [
    ...SPEECH,
    "tokenizer.json",
    "model.safetensors",
  ]);
});

Deno.test("a speech model of transformers 5 has its preprocessor in processor_config.json", () => {
  const paths = ["config.json", "processor_config.json", "model.safetensors"];
  deepEqual(chosen(undefined, ...paths, "vocab.json"), paths);
});

Deno.test("the export of the requested precision is chosen, with its external weights", () => {
  const exports = [
    "onnx/model.onnx",
    "onnx/model.onnx_data",
    "onnx/model.onnx_data_1",
    "onnx/model_quantized.onnx",
  ];
  const all = [...TEXT, "model.safetensors", ...exports, "onnx/model_fp16.onnx", "onnx/model.onnx.bak"];
  deepEqual(chosen("fp32", ...all), [...TEXT, ...exports.slice(0, 3)]);
  deepEqual(chosen("q8", ...all), [...TEXT, "onnx/model_quantized.onnx"]);
  deepEqual(chosen("fp16", ...all), [...TEXT, "onnx/model_fp16.onnx"]);
});

Deno.test("weights of pytorch_model.bin are chosen if there are no safetensors", () => {
  const index = "pytorch_model.bin.index.json", shards = ["pytorch_model-00001-of-00002.bin"];
  deepEqual(chosen(undefined, ...TEXT, ...REST), [...TEXT, "pytorch_model.bin"]);
  deepEqual(chosen(undefined, ...TEXT, index, ...shards), [...TEXT, index, ...shards]);
  deepEqual(chosen(undefined, ...TEXT, index, ...shards, INDEX, ...SHARDS), [...TEXT, INDEX, ...SHARDS]);
});

Deno.test("a vocabulary is chosen if there is no tokenizer.json, and not beside one or for speech", () => {
  const weights = "model.safetensors", added = "added_tokens.json";
  for (const files of [["vocab.txt"], ["vocab.json", "merges.txt"], ["sentencepiece.bpe.model"]]) {
    deepEqual(chosen(undefined, "config.json", ...files, added, weights), [
      "config.json",
      ...files,
      added,
      weights,
    ]);
    deepEqual(chosen(undefined, ...TEXT, ...files, added, weights), [...TEXT, weights]);
    deepEqual(chosen(undefined, ...SPEECH, ...files, weights), [...SPEECH, weights]);
  }
});

Deno.test("an export in the model's root is chosen if there is none in onnx/", () => {
  const root = ["model.onnx", "model.onnx_data", "model_quantized.onnx"];
  deepEqual(chosen("fp32", ...TEXT, ...root), [...TEXT, "model.onnx", "model.onnx_data"]);
  deepEqual(chosen("q8", ...TEXT, ...root), [...TEXT, "model_quantized.onnx"]);
  deepEqual(chosen("fp32", ...TEXT, ...root, "onnx/model.onnx"), [...TEXT, "onnx/model.onnx"]);
});

const refused: [onnx: OnnxDtype | undefined, paths: string[], sentence: RegExp][] = [
  [undefined, [...TEXT, "onnx/model.onnx"], /but found neither .*--onnx/],
  [
    undefined,
    ["model.safetensors", "tokenizer.json"],
    /Expected config\.json but found none at the model a\/b/,
  ],
  [
    undefined,
    ["config.json", "vocab.json", "spiece.model", "model.safetensors"],
    /Expected tokenizer\.json .* found none \(but vocab\.json, spiece\.model\).*AutoTokenizer\.from_pretrained\("a\/b"\)/,
  ],
  [
    "q8",
    [...TEXT, "onnx/model.onnx", "onnx/model_fp16.onnx"],
    /Expected onnx\/model_quantized\.onnx .* fp32, fp16 at/,
  ],
  ["fp32", [...TEXT, "model.safetensors"], /found no ONNX export at .*Leave --onnx out/],
];
for (const [onnx, paths, sentence] of refused) {
  Deno.test(`${onnx ?? "weights"} of ${paths.slice(-2)} alone are refused`, () => {
    throws(() => chosen(onnx, ...paths), sentence);
  });
}
