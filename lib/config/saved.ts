/** Reads configurations that were saved, also by earlier versions: their options get the current names. */
import type { z } from "zod";
import { savedVersion } from "../encoders/mod.ts";
import { readJson } from "../files/mod.ts";
import { parseWith } from "../schema.ts";
import { trainConfig } from "./train.ts";

/** Options that version 0.1 named differently, and their current names. */
const RENAMED: Readonly<Record<string, string>> = { checkpointing: "gradient_checkpointing" };

/** Returns a saved configuration with the current option names. */
export const withCurrentNames = (saved: unknown): unknown =>
  typeof saved !== "object" || saved === null || Array.isArray(saved) ? saved : Object.fromEntries(
    Object.entries(saved).map(([key, value]) =>
      key === "standardize" && typeof value === "boolean"
        ? ["normalize", value ? "train" : "none"]
        : [RENAMED[key] ?? key, value]
    ),
  );

/** Returns the configuration of a run folder or checkpoint with current names of options and encoders. */
export function withSavedNames(saved: unknown): unknown {
  const current = withCurrentNames(saved) as Record<string, unknown>;
  return typeof current?.audio === "string" ? { ...current, audio: savedVersion(current.audio) } : current;
}

/**
 * Reads a config file. Its values are checked, but no defaults are
 * added, so that flags can override them. Throws UndertoneError.
 */
export async function readConfigFile(
  path: string,
  schema: z.ZodType = trainConfig,
): Promise<Record<string, unknown>> {
  const values = withCurrentNames(await readJson(path));
  parseWith(schema, values, path);
  return values as Record<string, unknown>;
}
