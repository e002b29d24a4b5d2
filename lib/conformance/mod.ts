export { type Check, deviation } from "./check.ts";
export { forward, gradients, type Head, head, training, withParams } from "./head.ts";
export { batchOf, randomRows, type Row } from "./rows.ts";
export { checkFusionMethod, type CheckOptions, checksText } from "./suite.ts";
