/** What `config.json` of any encoder must say: a family that is known, and heads that fit its width. */
import { z } from "zod";
import { badInput } from "../../errors.ts";
import { parseFacts } from "../../schema.ts";

/** More than any model has: what a damaged file claims must not fill the memory before its weights are looked at. */
export const MOST_LAYERS = 1000;

const architecture = z.object({ model_type: z.string() });

/** The family of `families` that `json` names as its `model_type`; `kind` and `at` are for the error. */
export function requireFamily<Family extends { id: string }>(
  kind: "text" | "speech",
  families: readonly Family[],
  json: unknown,
  at: string,
): Family {
  const { model_type } = parseFacts(architecture, json, at);
  const family = families.find(({ id }) => id === model_type);
  if (family) return family;
  throw badInput({
    expected: `a ${kind} encoder of the architectures ${families.map(({ id }) => id).join(", ")}`,
    found: `model_type '${model_type}'`,
    at,
    todo: "Choose a model of one of these.",
  });
}

/** Refuses sizes of which one must divide the other and does not: `what` is the first, `by` the second in words. */
export function requireDivisible(what: string, size: number, by: string, parts: number, at: string): void {
  if (size % parts === 0) return;
  throw badInput({
    expected: `a ${what} that the number of ${by} divides`,
    found: `${size} for ${parts} ${by}`,
    at,
    todo: "The file is not that of these weights: fetch it again.",
  });
}
