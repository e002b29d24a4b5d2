/** Checks that an adapter's configuration, its tensors and the model's weights describe the same layers. */
import { badInput, type UndertoneError } from "../../errors.ts";
import type { RawTensor } from "../../files/mod.ts";
import { type AdapterConfig, scaleOf, unsupported } from "./config.ts";
import { targeted, valuesOf } from "./patterns.ts";
import { type Change, isLinear, layersOf, misfit, type Placed, type Weights } from "./tensors.ts";

/** A change that has both of its matrices. */
export type WholeChange = Change & Required<Pick<Change, "down" | "up">>;

/**
 * Returns rank and scale of every layer that the configuration targets. Throws UndertoneError if the changes
 * are not exactly those layers'.
 */
export function scalesOf(
  { changes, prefix, saved }: Placed,
  weights: Weights,
  config: AdapterConfig,
  at: string,
): Map<string, { r: number; scale: number }> {
  const named = layersOf(weights).map((layer) => prefix + layer);
  const plain = (name: string) => name.slice(prefix.length);
  const names = targeted(named, config, (name) => isLinear(plain(name), weights), at);
  const layers = names.map(plain);
  const unnamed = [...changes.keys()].find((layer) => !layers.includes(layer));
  if (unnamed) throw disagree(`changes of '${unnamed}', which its target_modules leave out`, at);
  const missing = layers.find((layer) => !changes.has(layer));
  if (missing) throw disagree(`no change of '${missing}', which its target_modules name`, at);
  requireSaved(weights, prefix, config, saved, at);
  const within = names.find((name) => savedWith(`${name}.weight`, config));
  if (within) {
    throw unsupported(`a change of '${plain(within)}', which peft saves whole and then leaves unchanged`, at);
  }
  const ranks = valuesOf(config.rank_pattern, names, config.r, config, at);
  const alphas = valuesOf(config.alpha_pattern, names, config.lora_alpha, config, at);
  return new Map(layers.map((layer, i) => {
    const r = changes.get(layer)!.down?.shape[0] ?? 0;
    if (!ranks[i].includes(r)) {
      throw disagree(`a change of '${layer}' of rank ${r}, not ${ranks[i].join(" or ")}`, at);
    }
    if (alphas[i].length > 1) {
      throw badInput({
        expected: `one alpha for '${layer}'`,
        found: `${alphas[i].join(" before peft 0.15, ")} since, after its alpha_pattern`,
        at,
        todo: "Write the layer's full name into alpha_pattern, with the alpha that it was trained with.",
      });
    }
    return [layer, { r, scale: scaleOf(alphas[i][0], r, config) }];
  }));
}

/** Throws UndertoneError if a weight of a module in `modules_to_save` is missing. */
function requireSaved(
  weights: Weights,
  prefix: string,
  config: AdapterConfig,
  saved: Weights,
  at: string,
): void {
  for (const name of Object.keys(weights)) {
    const wanted = savedWith(prefix + name, config);
    if (wanted && !saved[name]) {
      throw disagree(`no '${name}', which its modules_to_save name as '${wanted}'`, at);
    }
  }
}

/** Returns the entry of `modules_to_save` that names a module around the weight `name`. */
function savedWith(name: string, { modules_to_save }: AdapterConfig): string | undefined {
  const steps = name.split("."), modules = steps.slice(1).map((_, i) => steps.slice(0, i + 1).join("."));
  return modules_to_save.find((end) => modules.some((module) => module.endsWith(end)));
}

/** Returns a change after checking that all its parts exist and have the shapes that `weight` requires. */
export function requireParts(
  change: Change,
  { shape }: RawTensor,
  layer: string,
  linear: boolean,
  { use_dora, lora_bias }: AdapterConfig,
  at: string,
): WholeChange {
  const [outputs, inputs] = linear ? shape : [...shape].reverse(), { down, up, bias, magnitude } = change;
  const r = down?.shape[0] ?? 0;
  const wanted: [string, RawTensor | undefined, number[] | undefined][] = [
    ["A", down, [r, inputs]],
    ["B", up, [outputs, r]],
    ["the magnitude", magnitude, use_dora ? [outputs] : undefined],
    ["the bias of B", bias, lora_bias && linear ? [outputs] : undefined],
  ];
  for (const [part, tensor, shape] of wanted) {
    if (!shape && !tensor) continue;
    if (!shape) throw disagree(`${part} of '${layer}', which its configuration leaves out`, at);
    if (!tensor) throw disagree(`${part} of '${layer}' missing`, at);
    if (`${tensor.shape}` !== `${shape}`) throw misfit(`${part} of ${layer}`, tensor, at, shape);
  }
  if (lora_bias && !linear) throw unsupported(`lora_bias for the embedding '${layer}'`, at);
  return { ...change, down: down!, up: up! };
}

const disagree = (found: string, at: string): UndertoneError =>
  badInput({
    expected: "exactly the tensors that adapter_config.json describes",
    found,
    at,
    todo:
      "adapter_config.json and adapter_model.safetensors must come from one adapter: fetch or save both " +
      "again.",
  });
