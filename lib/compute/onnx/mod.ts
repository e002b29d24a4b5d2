export { lacking } from "./device.ts";
export { onnxEngine } from "./engine.ts";
export { attributeProto, ELEMENT_TYPE, MICROSOFT } from "./compile.ts";
export { type Trace, traceStep } from "./trace.ts";
export { type Attribute, type Constant, type HostArray, int, ints, type Node, Value } from "./value.ts";
