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

const refused: [onnx: OnnxDtype | undefined, paths: string[], sentence: RegExp][] = [
  [
    undefined,
    [...TEXT, "pytorch_model.bin"],
    /Expected model\.safetensors .* found pytorch_model\.bin .*refs\/pr\/1/,
  ],
  [undefined, [...TEXT, "pytorch_model-00001-of-00002.bin"], /but found pytorch_model-00001-of-00002\.bin/],
  [undefined, [...TEXT, "onnx/model.onnx"], /but found neither .*--onnx/],
  [
    undefined,
    ["model.safetensors", "tokenizer.json"],
    /Expected config\.json but found none at the model a\/b/,
  ],
  [
    undefined,
    ["config.json", "vocab.json", "merges.txt", "model.safetensors"],
    /Expected tokenizer\.json .* found none \(but vocab\.json, merges\.txt\).*AutoTokenizer\.from_pretrained\("a\/b"\)/,
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
