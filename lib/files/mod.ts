/** Reads and writes files: writes are atomic, and reads check every bound. */
export * from "./atomic.ts";
export * from "./csv.ts";
export * from "./json.ts";
export * from "./large.ts";
export * from "./safetensors.ts";
export * from "./text.ts";
export { requireNoPointer } from "./lfs.ts";
export { readTorch } from "./torch.ts";
