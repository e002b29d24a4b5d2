export { laneArrays, laneMemory, perMemory } from "./memory.ts";
export * from "./assembler.ts";
