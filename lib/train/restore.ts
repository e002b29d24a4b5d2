/** Converts parameters to plain tensors and back. */
import * as tf from "@tensorflow/tfjs-core";
import { hostValues } from "../compute/mod.ts";
import type { Params } from "../nn/mod.ts";
import { badInput } from "../errors.ts";
import { requireFinite } from "../finite.ts";
import type { RawTensors } from "./checkpoint.ts";

/**
 * Returns the parameters' values. On engines in host memory they share the parameters' storage, so use them
 * before the next step.
 */
export async function tensorsOf(params: Params): Promise<RawTensors> {
  const tensors: RawTensors = {};
  for (const name in params) {
    tensors[name] = { shape: params[name].shape, data: await hostValues(params[name]) };
  }
  return tensors;
}

/** Returns copies of the parameters' current values. */
export async function copiesOf(params: Params): Promise<RawTensors> {
  const tensors = await tensorsOf(params);
  for (const tensor of Object.values(tensors)) tensor.data = tensor.data.slice();
  return tensors;
}

/** How the tensors of a file match the parameters of a model, by name and shape. */
export interface Fit {
  /** Parameters whose values were taken from the file. */
  taken: string[];
  /** Parameters that the file lacks. */
  missing: string[];
  /** Tensors that the model lacks. */
  unexpected: string[];
  /** Tensors with a parameter's name but another shape. */
  misshaped: string[];
}

/**
 * Sets the parameters from a checkpoint. Throws bad input that names every tensor that does not match, or one
 * that is not finite.
 */
export function restoreParams(params: Params, tensors: RawTensors, { at }: { at: string }): void {
  requireFit(params, tensors, at);
  requireFinite(tensors, at);
  assign(params, tensors, Object.keys(params));
}

/** Throws bad input that names every tensor that is missing, unexpected or of another shape. */
export function requireFit(
  wanted: Shaped,
  tensors: RawTensors,
  at: string,
): void {
  const fit = fitOf(wanted, tensors);
  if (fit.missing.length + fit.unexpected.length + fit.misshaped.length > 0) {
    throw badInput({
      expected: `the ${Object.keys(wanted).length} tensors of this model`,
      found: describeMisfit(fit, wanted, tensors),
      at,
      todo: "The file was changed after it was written: take another checkpoint, " +
        "or the tensors that match with --init.",
    });
  }
}

/**
 * Sets the parameters whose names and shapes match, and returns what matched and what did not. Throws bad
 * input if nothing matches or if a matching tensor is not finite.
 */
export function initParams(params: Params, tensors: RawTensors, { at }: { at: string }): Fit {
  const fit = fitOf(params, tensors);
  if (fit.taken.length === 0) {
    throw badInput({
      expected: "weights of this model",
      found: describeMisfit(fit, params, tensors),
      at,
      todo: "Use weights that share names and shapes with the model.",
    });
  }
  requireFinite(Object.fromEntries(fit.taken.map((name) => [name, tensors[name]])), at);
  assign(params, tensors, fit.taken);
  return fit;
}

type Shaped = Readonly<Record<string, { shape: readonly number[] }>>;

function fitOf(params: Shaped, tensors: RawTensors): Fit {
  const inBoth = Object.keys(params).filter((name) => Object.hasOwn(tensors, name));
  const fits = (name: string) =>
    tensors[name].data instanceof Float32Array && `${tensors[name].shape}` === `${params[name].shape}`;
  return {
    taken: inBoth.filter(fits),
    missing: Object.keys(params).filter((name) => !Object.hasOwn(tensors, name)),
    unexpected: Object.keys(tensors).filter((name) => !Object.hasOwn(params, name)),
    misshaped: inBoth.filter((name) => !fits(name)),
  };
}

function describeMisfit(
  { missing, unexpected, misshaped }: Fit,
  params: Shaped,
  tensors: RawTensors,
): string {
  const list = (what: string, names: string[]) =>
    names.length === 0
      ? []
      : [`${what} ${names.slice(0, 8).join(", ")}${names.length > 8 ? ` and ${names.length - 8} more` : ""}`];
  const shapes = misshaped.map((name) => `${name} [${tensors[name].shape}] for [${params[name].shape}]`);
  return [...list("missing", missing), ...list("unexpected", unexpected), ...list("misshaped", shapes)].join(
    "; ",
  );
}

/** Copies the tensors into the parameters, because parameters change in place and the tensors must not. */
function assign(params: Params, tensors: RawTensors, names: string[]): void {
  for (const name of names) {
    const value = tf.tensor(tensors[name].data.slice(), tensors[name].shape, "float32");
    params[name].assign(value);
    value.dispose();
  }
}
