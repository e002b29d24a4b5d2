/** Whether two runs answered the same rows, so that their answers can be paired. */
import type { Split } from "../../data/mod.ts";
import { count } from "../../errors.ts";
import type { Target } from "../../target.ts";
import type { AnsweredRow } from "../predictions.ts";
import type { Answered, Material } from "./material.ts";

/** A run and its answers to a split. */
export interface Side {
  run: Pick<Material, "name" | "target" | "labels">;
  answered: Pick<Answered, "rows">;
}

/** Returns why two runs can't be paired on a split, in one sentence; undefined if they can. */
export function whyNot(a: Side, b: Side, split: Split): string | undefined {
  const [ours, theirs] = [a, b].map(({ run }) => run), who = `${ours.name} and ${theirs.name}`;
  const stop = (reason: string) => `${who} can't be paired on ${split}: ${reason}.`;
  if (ours.target !== theirs.target) {
    return stop(`the targets of one are ${WORDS[ours.target]}, those of the other ${WORDS[theirs.target]}`);
  }
  const labels = [ours, theirs].map(({ labels }) => new Set(labels));
  const odd = [...labels[0].symmetricDifference(labels[1])];
  if (odd.length > 0) return stop(`only one of them has ${odd.map((label) => `'${label}'`).join(", ")}`);
  const [first, second] = [a, b].map(({ answered }) => new Map(answered.rows.map((row) => [row.id, row])));
  const [only, other] = [[first, second], [second, first]].map(([has, lacks]) =>
    [...has.keys()].filter((id) => !lacks.has(id))
  );
  if (only.length + other.length > 0) {
    const side = (ids: readonly string[], { name }: Side["run"]) =>
      ids.length
        ? [
          `${count(ids.length, "row")} ${ids.length === 1 ? "is" : "are"} in ${name} alone, e.g. '${ids[0]}'`,
        ]
        : [];
    return stop([...side(only, ours), ...side(other, theirs)].join("; "));
  }
  const changed = [...first.values()].find((row) =>
    !isSame(row, second.get(row.id)!, ours.labels, theirs.labels)
  );
  return changed && stop(`their rows '${changed.id}' have other words or another truth`);
}

/**
 * Returns the rows of the second one in the order of the first, with its labels in the order of the first.
 */
export function aligned(a: Side, b: Side): AnsweredRow[] {
  const byId = new Map(b.answered.rows.map((row) => [row.id, row]));
  const order = a.run.labels.map((label) => b.run.labels.indexOf(label));
  return a.answered.rows.map(({ id, target }) => {
    const row = byId.get(id)!;
    return { ...row, target, answer: order.map((at) => row.answer[at]) };
  });
}

const WORDS = { class: "classes", distribution: "distributions", labels: "several labels", values: "values" };

/** Returns whether two rows of one id are the same utterance with the same truth. */
const isSame = (
  a: AnsweredRow,
  b: AnsweredRow,
  ours: readonly string[],
  theirs: readonly string[],
): boolean => (a.text ?? "") === (b.text ?? "") && isSameTruth(a.target, b.target, ours, theirs);

function isSameTruth(a: Target, b: Target, ours: readonly string[], theirs: readonly string[]): boolean {
  if (a.kind === "class" || b.kind === "class") {
    return a.kind === b.kind && ours[a.value as number] === theirs[b.value as number];
  }
  return ours.every((label, i) => Math.abs(a.value[i] - b.value[theirs.indexOf(label)]) < 1e-6);
}
