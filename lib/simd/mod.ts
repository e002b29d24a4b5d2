export { onceForEachMemory, simdArrays, simdMemory } from "./memory.ts";
export * from "./assembler.ts";
