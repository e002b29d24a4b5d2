/** Merges an adapter into a model's weights, as peft computes it. */
import { badInput } from "../../errors.ts";
import type { RawTensor } from "../../files/mod.ts";
import { type AdapterConfig, startOf, unsupported } from "./config.ts";
import { requireParts, scalesOf, type WholeChange } from "./fit.ts";
import { isMoved, residual } from "./residual.ts";
import { isLinear, misfit, type Placed, placed, type Weights } from "./tensors.ts";

/** The weight whose number of rows an adapter may change. */
const VOCABULARY = "embeddings.word_embeddings.weight";

/** A weight that only WavLM's attention has. */
const WAVLM = "gru_rel_pos_linear.weight";

export interface Merged {
  weights: Weights;
  /** What was left out of the adapter, in whole sentences. */
  notes: string[];
}

/**
 * Returns `weights` with an adapter merged: W + scale B A, with each row rescaled to the magnitude if there
 * is one (DoRA, Liu et al. 2024). The word embedding may get another number of rows. Throws UndertoneError if
 * a tensor or a key fits no weight; `at` is the adapter's folder.
 */
export function merged(weights: Weights, config: AdapterConfig, tensors: Weights, at: string): Merged {
  const found = placed(tensors, weights, at), scales = scalesOf(found, weights, config, at);
  const start = startOf(config.init_lora_weights), result = { ...weights };
  for (const [layer, { r, scale }] of scales) {
    const name = `${layer}.weight`;
    if (!isMoved(start) || !isLinear(layer, weights)) continue;
    result[name] = residual(start, weights[name], r, scale, `'${name}' (${at})`);
  }
  for (const [name, tensor] of Object.entries(found.saved)) {
    const { shape: [rows, ...rest] } = weights[name];
    const wanted = [name === VOCABULARY ? Math.max(1, tensor.shape[0]) : rows, ...rest];
    if (`${tensor.shape}` !== `${wanted}`) throw misfit(name, tensor, at, wanted);
    result[name] = tensor;
  }
  for (const [layer, change] of found.changes) {
    const name = `${layer}.weight`, { scale } = scales.get(layer)!;
    const whole = requireParts(change, result[name], layer, isLinear(layer, weights), config, at);
    result[name] = isLinear(layer, weights)
      ? changed(result[name], whole, scale)
      : transposed(changed(transposed(result[name]), whole, scale));
    if (change.bias) {
      const before = result[`${layer}.bias`];
      if (!before) throw unsupported(`a bias for '${layer}', which has none`, at);
      result[`${layer}.bias`] = added(before, change.bias, scale);
    }
  }
  for (const name in result) requireFinite(name, result[name], weights[name], at);
  return { weights: result, notes: notesOf(found, weights, config) };
}

/**
 * Computes W + scale B A in double precision, then scales each row to the length in `magnitude`, if given.
 */
function changed(
  { data, shape }: RawTensor,
  { down, up, magnitude }: WholeChange,
  scale: number,
): RawTensor {
  const [outputs, inputs] = shape, [r] = down.shape;
  const result = new Float32Array(data.length), sums = new Float64Array(inputs);
  for (let o = 0; o < outputs; o++) {
    sums.fill(0);
    for (let k = 0; k < r; k++) {
      const b = up.data[o * r + k];
      for (let i = 0; i < inputs; i++) sums[i] += b * down.data[k * inputs + i];
    }
    for (let i = 0; i < inputs; i++) sums[i] = data[o * inputs + i] + scale * sums[i];
    if (magnitude) {
      const factor = magnitude.data[o] / Math.sqrt(sums.reduce((sum, x) => sum + x * x, 0));
      for (let i = 0; i < inputs; i++) sums[i] *= factor;
    }
    result.set(sums, o * inputs);
  }
  return { shape, data: result };
}

const added = ({ data, shape }: RawTensor, more: RawTensor, scale: number): RawTensor => ({
  shape,
  data: Float32Array.from(data, (x, i) => x + scale * more.data[i]),
});

function transposed({ data, shape: [rows, columns] }: RawTensor): RawTensor {
  const result = new Float32Array(data.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[j * rows + i] = data[i * columns + j];
  }
  return { shape: [columns, rows], data: result };
}

/** Throws UndertoneError if the adapter made a weight NaN or infinite. */
function requireFinite(name: string, changed: RawTensor, before: RawTensor, at: string): void {
  if (changed === before || changed.data.every(Number.isFinite)) return;
  throw badInput({
    expected: "changes that leave finite numbers",
    found: `'${name}' with NaN or infinity in it`,
    at,
    todo: "The adapter's training diverged or its file is damaged: fetch it again, or choose another.",
  });
}

function notesOf(
  { above, changes, saved }: Placed,
  weights: Weights,
  { bias, fan_in_fan_out }: AdapterConfig,
): string[] {
  const notes: string[] = [];
  if (above.length) {
    notes.push(
      `The adapter also holds ${
        above.join(", ")
      }, above the encoder: no hidden state depends on it, so it was left out.`,
    );
  }
  const hasBias = [...changes.keys()].some((layer) => saved[`${layer}.bias`]);
  if (bias !== "none" && !hasBias) {
    notes.push(
      `The adapter says bias: ${bias}, but peft saved no bias: the model's own are used, as in peft.`,
    );
  }
  const ignored = [...changes].some(([layer, { up }]) =>
    /\.attention\.(q|k|v|out)_proj$/.test(layer) && layer.replace(/\w+$/, WAVLM) in weights &&
    up?.data.some(Boolean)
  );
  if (ignored) {
    notes.push(
      "peft applies changes of WavLM's attention only after merge_and_unload, because WavLM passes on the " +
        "plain weights: here they are applied.",
    );
  }
  if (fan_in_fan_out) {
    notes.push(
      "The adapter says fan_in_fan_out: it is ignored, as in peft, because its layers are linear.",
    );
  }
  return notes;
}
