export { type AlignedNode, alignTraces } from "./aligned_traces.ts";
export { graphOf, type Port, type Rewrite } from "./graph.ts";
export { encodeGraph, OPSET, type WeightApart, weightsApart } from "./model.ts";
export { newNodes, type Nodes } from "./nodes.ts";
