export { applyMethod } from "./apply.ts";
export { wrongName } from "./check_method.ts";
export type { ForwardContext, FusionInput, FusionMethod, FusionOutput, FusionSizes } from "./fusion.ts";
export { fusionMethod, fusionMethods, registerFusionMethod } from "./registry.ts";
