/** Conformal sets of new rows: "joy or surprise", by what the dev rows of a run say. */
import { badInput } from "../errors.ts";
import { conformalSets, softmax } from "../eval/mod.ts";
import { fromProject } from "../paths.ts";
import type { TargetKind } from "../target.ts";
import { isPretrained } from "./pretrained.ts";
import { calibratorOf } from "./certainty.ts";

/** Makes conformal sets of a model's logits. */
export interface Sets {
  /** Returns the labels of each row's set, the most probable first. */
  of(logits: readonly ArrayLike<number>[]): string[][];
  /** Says what the sets promise. */
  note: string;
}

/**
 * Fits conformal sets to the dev rows of the run in `path`. Throws UndertoneError if the path is a lone
 * checkpoint, the run keeps no or too few dev predictions, or the targets are no classes.
 */
export async function setsOf(
  path: string,
  { target, labels }: { target: TargetKind; labels: readonly string[] },
  coverage: number,
): Promise<Sets> {
  if (target !== "class") {
    throw badInput({
      expected: "a model of classes, for sets",
      found: `one of the kind '${target}'`,
      at: path,
      todo: "Omit --sets.",
    });
  }
  if (isPretrained(path) || Deno.statSync(fromProject(path)).isFile) {
    throw badInput({
      expected: "the folder of a run, whose dev rows fit sets",
      found: isPretrained(path) ? "the model that comes with the project" : "a lone checkpoint",
      at: path,
      todo: "Name the folder of a run with --checkpoint, or omit --sets.",
    });
  }
  const { temperature, rule } = await calibratorOf(path, labels, coverage);
  return {
    of: (logits) => conformalSets(softmax(logits, temperature), rule).map((set) => set.map((c) => labels[c])),
    note:
      `A set holds the true label for ${
        Math.round(coverage * 1e4) / 100
      } % of rows that are drawn like the ` +
      `${rule.rows} dev rows of the run. For other speakers, microphones or topics nothing ensures it.`,
  };
}
