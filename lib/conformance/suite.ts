/** The conformance suite: checks that every fusion method must pass, built-in or not. */
import { currentEngine, type EngineOptions, useEngine } from "../compute/mod.ts";
import { count, userPlace } from "../errors.ts";
import type { FusionMethod } from "../fusion/mod.ts";
import { parseWith } from "../schema.ts";
import type { Check, Question } from "./check.ts";
import { captured, kernels } from "./engine.ts";
import { extreme, missing } from "./finite.ts";
import { gradientsAgree } from "./gradients.ts";
import type { Head } from "./head.ts";
import { batch, padding } from "./invariance.ts";
import { learning } from "./learning.ts";
import { output } from "./output.ts";
import { dropout, leaks, seed } from "./repeat.ts";

/** All checks by name, in order. */
const QUESTIONS: Record<string, Question> = {
  "output": output,
  "gradients": gradientsAgree,
  "padding": padding,
  "batch and order": batch,
  "missing modality": missing,
  "extreme inputs": extreme,
  "seed": seed,
  "dropout": dropout,
  "leaks": leaks,
  "kernels": kernels,
  "capture": captured,
  "training": learning,
};

/** Checks of the onnx engine; they run on it even if the others run on another engine. */
const ONNX_ONLY = ["kernels", "capture"];

/** Options of the conformance suite. */
export interface CheckOptions {
  /** Options of the method that differ from its defaults. */
  options?: Record<string, unknown>;
  /** Engine and device; default: onnx on the CPU. */
  engine?: EngineOptions;
}

/**
 * Runs every check of the conformance suite on a fusion method: gradients, padding, batches, missing
 * modalities, extreme inputs, seeds, dropout, leaks, kernels, capture and training. Takes a second or two. An
 * error that the method throws fails the check. Throws bad input if the options do not fit the method.
 *
 * @example
 * ```ts
 * import { fusionMethod } from "@undertone/undertone";
 * import { checkFusionMethod, checksText } from "@undertone/undertone/testing";
 *
 * const checks = await checkFusionMethod(fusionMethod("early_fusion"));
 * console.log(checksText(checks));
 * ```
 */
export async function checkFusionMethod<Options extends Record<string, unknown>>(
  method: FusionMethod<Options>,
  { options = {}, engine = {} }: CheckOptions = {},
): Promise<Check[]> {
  const head: Head = {
    method,
    options: parseWith(method.options, options, `the options of ${method.id}`) as Record<string, unknown>,
  };
  const before = engineNow(), checks: Check[] = [];
  try {
    for (const [name, question] of Object.entries(QUESTIONS)) {
      const other = ONNX_ONLY.includes(name) && (engine.engine ?? "onnx") !== "onnx";
      await useEngine(other ? {} : engine);
      const check = await answer(name, question, head);
      const told = check.why !== "" && checks.find(({ why }) => why === check.why);
      checks.push(told ? { ...check, why: alikeTo(told.name) } : check);
    }
  } finally {
    if (before) await useEngine(before);
  }
  return checks;
}

const alikeTo = (name: string) => `The same as in ${name}.`;

async function answer(name: string, question: Question, head: Head): Promise<Check> {
  try {
    const { figure, fault } = await question(head);
    return { name, passed: fault === undefined, figure, why: fault ?? "" };
  } catch (error) {
    return { name, passed: false, figure: "it threw an error", why: messageOf(error) };
  }
}

/**
 * Returns the first line of an error message and the line of the method that led to it. Explains a missing
 * gradient in plain words.
 */
function messageOf(error: unknown): string {
  const [line] = (error instanceof Error ? error.message || error.name : String(error)).split("\n");
  const operation = /gradient function not found for (\w+)/.exec(line)?.[1];
  if (operation) {
    return `${operation} has no gradient here: use another operation, or give it one with tf.customGrad.`;
  }
  const place = userPlace(error);
  return place && !line.endsWith(`(${place})`) ? `${line} (${place})` : line;
}

function engineNow(): EngineOptions | undefined {
  try {
    const { name, device } = currentEngine();
    return { engine: name, device };
  } catch {
    return undefined; // none was chosen yet
  }
}

/**
 * Formats checks as text, one line each; below a failed check stands the reason. Checks that fail for the
 * same reason as an earlier one share a line.
 *
 * @example
 * ```ts
 * import { checksText } from "@undertone/undertone/testing";
 *
 * console.log(checksText([{ name: "padding", passed: true, figure: "0 off at most (bound 1.0e-5)", why: "" }]));
 * ```
 */
export function checksText(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const alike = Map.groupBy(checks, ({ why }) => checks.find(({ name }) => why === alikeTo(name)));
  const below = (text: string) => text && `\n  ${" ".repeat(width)}  ${text}`;
  return (alike.get(undefined) ?? []).map((check) => {
    const { name, passed, figure, why } = check, others = (alike.get(check) ?? []).map((other) => other.name);
    const more = others.length === 0
      ? ""
      : `${count(others.length, "other check")} ${others.length === 1 ? "fails" : "fail"} alike: ${
        others.join(", ")
      }.`;
    return `${passed ? "✓" : "✗"} ${name.padEnd(width)}  ${figure}${below(why)}${below(more)}`;
  }).join("\n");
}
