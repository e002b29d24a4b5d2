export { type AlignedNode, alignTraces } from "./aligned_traces.ts";
export { graphOf, type Port, type Rewrite } from "./graph.ts";
export { encodeGraph, OPSET } from "./model.ts";
export { newNodes, type Nodes } from "./nodes.ts";
export { type Apart, weightsApart } from "./weights_apart.ts";
