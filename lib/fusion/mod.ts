export type { ForwardContext, FusionInput, FusionMethod, FusionOutput, FusionSizes } from "./fusion.ts";
export { fusionMethod, fusionMethods } from "./registry.ts";
export { shapesOf } from "./layers.ts";
