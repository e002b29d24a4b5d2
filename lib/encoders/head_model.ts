/** Checkpoints that classify by themselves, by name. */
import { badInput } from "../errors.ts";
import { modelPlace } from "../hub/mod.ts";
import type { HeadModel } from "./hf/mod.ts";

export type { HeadModel };

/**
 * Returns the checkpoint `hf:<folder>` with its own classification head, or the added model of that name.
 * Throws UndertoneError if it has none that is supported.
 */
export async function headModel(name: string): Promise<HeadModel & { notes: string[] }> {
  const [kind, ...rest] = name.split(":"), argument = rest.join(":");
  if (kind !== "hf" || argument === "" || argument.includes("#")) {
    throw badInput({
      expected: "a checkpoint with its own classification head, hf:<folder>",
      found: `'${name}'`,
      at: "--model",
      todo: "Name its folder, e.g. --model hf:models/emotion, or a run with --run.",
    });
  }
  const { folder, notes } = await modelPlace("hf", argument);
  const { readHeadModel } = await import("./hf/mod.ts");
  return { ...await readHeadModel(folder, name), notes };
}
