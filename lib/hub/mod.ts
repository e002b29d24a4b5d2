/** Models of the Hugging Face hub: fetched on request, kept in folders, found by name. */
export { addModel, type AddOptions, type AddPlan } from "./add.ts";
export type { HubFile } from "./api.ts";
export { type Hub, hubFromEnvironment } from "./hub.ts";
export type { Manifest } from "./manifest.ts";
export { type AddedModel, addedModels, architectureOf, checkModel, lookAt } from "./models.ts";
export {
  exportsOf,
  ONNX_DTYPES,
  type OnnxDtype,
  onnxFile,
  onnxPlaces,
  RECOGNISER_GRAPHS,
} from "./onnx_file.ts";
export { type CachedModel, cachedModel, cachedModels } from "./hf_cache.ts";
export { isModelName, modelPlace, MODELS, placeOf, shown } from "./place.ts";
export { checksumOf } from "../fetch/mod.ts";
export { readManifest } from "./manifest.ts";
export { type Destination, destinationOf, type PushFile, pushFiles, requireOwned } from "./push/push.ts";
export { withToken, type WritableHub } from "./push/token.ts";
