import { basename } from "node:path";

/** Precisions of ONNX exports, as the hub names them. */
export const ONNX_DTYPES = ["fp32", "fp16", "q8", "int8", "uint8", "q4", "q4f16", "bnb4"] as const;

export type OnnxDtype = typeof ONNX_DTYPES[number];

/** The graphs of a model that writes down speech, such as Whisper. */
export const RECOGNISER_GRAPHS = ["encoder_model", "decoder_model_merged"] as const;

/**
 * Returns the path of an export in a model's folder: `onnx/model.onnx` for fp32, `onnx/model_quantized.onnx`
 * for q8.
 */
export const onnxFile = (dtype: OnnxDtype, graph = "model"): string =>
  `onnx/${graph}${dtype === "fp32" ? "" : dtype === "q8" ? "_quantized" : `_${dtype}`}.onnx`;

/** Returns the places of an export in a model's folder: where the hub has it, and where optimum writes it. */
export const onnxPlaces = (dtype: OnnxDtype): string[] => exportsOf(["model"], dtype).flat();

/** Returns the paths of all graphs of an export, for each of these places. */
export function exportsOf(graphs: readonly string[], dtype: OnnxDtype): string[][] {
  const inside = graphs.map((graph) => onnxFile(dtype, graph));
  return [inside, inside.map((path) => basename(path))];
}
