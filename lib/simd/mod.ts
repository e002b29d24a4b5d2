export { onceForEachMemory, simdArrays, simdMemory } from "./memory.ts";
export * from "./assembler.ts";
export { type Products, simdProducts } from "./products.ts";
