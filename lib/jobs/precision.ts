/** The precision of a training, on the engine in use. */
import { currentEngine, requireHalfPrecision } from "../compute/mod.ts";
import type { TrainConfig } from "../config/mod.ts";

/**
 * Returns notes on the precision of trainings, each once. Throws UndertoneError if one asks for half
 * precision and the engine or its GPU lacks it.
 */
export async function precisionNotes(...configs: Pick<TrainConfig, "precision">[]): Promise<string[]> {
  if (!configs.some(({ precision }) => precision === "fp16")) return [];
  await requireHalfPrecision();
  return currentEngine().device === "cpu" ? [ON_CPU] : [];
}

const ON_CPU =
  "--precision fp16 saves neither time nor memory on the CPU, which rounds numbers to 16 bits but " +
  "computes in 32.";
