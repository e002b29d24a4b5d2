export { lacking } from "./device.ts";
export { onnxEngine } from "./engine.ts";
