/** Checks that every `config.json` must pass: a known family, and sizes that fit each other. */
import { z } from "zod";
import { badInput } from "../../errors.ts";
import { parseFacts } from "../../schema.ts";

/**
 * More layers than any model has. It stops a damaged file from filling the memory before its weights are
 * read.
 */
export const MOST_LAYERS = 1000;

const architecture = z.object({ model_type: z.string() });

/**
 * Returns the family in `families` that `json` names as its `model_type`. Throws UndertoneError, which names
 * `kind` and `at`.
 */
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
    todo: "Choose a model with one of these architectures.",
  });
}

/** Throws UndertoneError unless `parts` divides `size`; `what` and `by` name the two in the message. */
export function requireDivisible(what: string, size: number, by: string, parts: number, at: string): void {
  if (size % parts === 0) return;
  throw badInput({
    expected: `a ${what} that the number of ${by} divides`,
    found: `${size} for ${parts} ${by}`,
    at,
    todo: "The file does not belong to these weights: fetch it again.",
  });
}
