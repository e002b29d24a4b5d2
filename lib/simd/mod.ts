export { mayShare, onceForEachMemory, simdArrays, simdMemory } from "./memory.ts";
export * from "./assembler.ts";
export { type Products, simdProducts } from "./products.ts";
export { bindModule, type Bound } from "./module.ts";
export { type Helper, helpWith } from "./together.ts";
