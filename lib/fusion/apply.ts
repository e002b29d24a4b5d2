/** Applies a head and checks what it returns: the one place where a head's output is taken. */
import { Tensor } from "@tensorflow/tfjs-core";
import { badInput, UndertoneError, userPlace } from "../errors.ts";
import type { ForwardContext, Params } from "../nn/mod.ts";
import type { FusionInput, FusionMethod, FusionOutput } from "./fusion.ts";

/**
 * Returns the output of a head. Throws bad input if it is not `{ logits }`, or if its logits are not `[B,C]`
 * for this number of classes.
 */
export function applyMethod(
  method: FusionMethod,
  params: Params,
  input: FusionInput,
  options: Record<string, unknown>,
  context: ForwardContext,
  classes?: number,
): FusionOutput {
  const output: unknown = placed(() => method.apply(params, input, options, context));
  const logits: unknown = typeof output === "object" && output !== null && "logits" in output
    ? output.logits
    : undefined;
  const at = `apply of ${method.id}`;
  if (!(logits instanceof Tensor)) {
    throw badInput({
      expected: "{ logits }, with the logits as a tensor [B,C]",
      found: described(output),
      at,
      todo: "apply must return { logits }.",
    });
  }
  const wanted = [input.text.shape[0], classes ?? logits.shape[1]];
  if (classes !== undefined && logits.shape.join() !== wanted.join()) {
    throw badInput({
      expected:
        `logits [${wanted}], one row for each utterance and one column for each of ${classes} answers`,
      found: `[${logits.shape}]`,
      at,
      todo: "Make the last layer as wide as sizes.classes, and don't change the order of the rows.",
    });
  }
  return output as FusionOutput;
}

/** Calls `apply`. An error of what it calls also says where in the user's module it began. */
function placed<T>(apply: () => T): T {
  try {
    return apply();
  } catch (error) {
    const place = error instanceof UndertoneError && error.code === "input" ? userPlace(error) : undefined;
    throw place
      ? new UndertoneError(`${(error as Error).message} (${place})`, "input", { cause: error })
      : error;
  }
}

function described(output: unknown): string {
  if (output instanceof Tensor) return "a tensor";
  if (output instanceof Promise) return "a promise (apply must not be async)";
  if (typeof output !== "object" || output === null) return output === undefined ? "nothing" : String(output);
  if (Array.isArray(output)) return `an array of ${output.length}`;
  if ("logits" in output) return `{ logits } that are ${described(output.logits)}`;
  return `an object with ${Object.keys(output).map((key) => `'${key}'`).join(", ") || "nothing in it"}`;
}
