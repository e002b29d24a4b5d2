/** `deno task models list`: the added models, and those in Hugging Face's own cache. */
import { type AddedModel, architectureOf, type CachedModel, shown } from "../../lib/hub/mod.ts";
import type { PrintJson } from "../cli/main.ts";

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** Prints a line for each model. */
export async function list(
  models: readonly AddedModel[],
  cached: readonly CachedModel[],
  json: PrintJson,
): Promise<void> {
  if (!models.length && !cached.length) console.log("No models yet. See --help for how to add one.");
  for (const model of models) console.log(lineOf(model));
  const named = await Promise.all(
    cached.map(async (model) => ({ ...model, architecture: await architectureOf(model.folder) })),
  );
  if (cached.length) console.log("In Hugging Face's cache, found by name unless added:");
  for (const { model, commit, isMain, architecture = "?", size, missing, folder } of named) {
    const state = missing.length
      ? `incomplete: files gone: ${missing.join(", ")}`
      : isMain
      ? ""
      : "by its folder only";
    console.log(
      [model.padEnd(32), architecture.padEnd(10), commit.slice(0, 12), megabytes(size), state, folder]
        .filter(Boolean).join("  "),
    );
  }
  json([...models, ...named.map((model) => ({ ...model, cached: true }))]);
}

/** Formats a model as a line: name, architecture, revision, size, state, folder. */
export function lineOf({ manifest, architecture = "?", size, missing, damaged, folder }: AddedModel): string {
  const { model, revision, commit } = manifest;
  const state = damaged.length
    ? `damaged: ${damaged.join(", ")}`
    : missing.length
    ? `incomplete: lacks ${missing.join(", ")}`
    : "complete";
  const at = revision === commit ? "" : ` (${revision})`;
  return [
    model.padEnd(32),
    architecture.padEnd(10),
    commit.slice(0, 12) + at,
    megabytes(size),
    state,
    shown(folder),
  ]
    .join("  ");
}
