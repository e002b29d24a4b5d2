/** Files: written whole or not at all, and read with every bound checked. */
export * from "./atomic.ts";
export * from "./json.ts";
export * from "./large.ts";
export * from "./safetensors.ts";
export * from "./text.ts";
