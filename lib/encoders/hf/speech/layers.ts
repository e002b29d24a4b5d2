/** The layers of a speech model's transformer, with layer norm first or after each sum. */
import * as tf from "@tensorflow/tfjs-core";
import {
  attend,
  checkpointed,
  dropout,
  type ForwardContext,
  linearLayer,
  normLayer,
  type Params,
  paramsUnder,
  randomTensor,
} from "../../../nn/mod.ts";
import { random } from "../../../random.ts";
import { activate } from "../activation.ts";
import { linearShapes, normShapes, type Shapes } from "../weights.ts";
import type { AttentionBias } from "./family.ts";
import type { SpeechConfig } from "./settings.ts";

/** Sizes of the layers, and rates of their dropout. */
export type LayerConfig = Pick<
  SpeechConfig,
  | "hidden_size"
  | "num_hidden_layers"
  | "num_attention_heads"
  | "intermediate_size"
  | "hidden_act"
  | "layer_norm_eps"
  | "do_stable_layer_norm"
  | "hidden_dropout"
  | "activation_dropout"
  | "attention_dropout"
  | "layerdrop"
>;

/** Names of a layer's parts. */
export interface LayerNames {
  attention: string;
  /** The norm before or after attention. */
  attentionNorm: string;
  /** Both layers of the feed-forward part, and the norm before or after it. */
  inner: string;
  outer: string;
  outerNorm: string;
  /** Whether the keys' projection has a bias. */
  keyBias: boolean;
}

/** The names in wav2vec2 and related models. */
export const WAV2VEC2_NAMES: LayerNames = {
  attention: "attention",
  attentionNorm: "layer_norm",
  inner: "feed_forward.intermediate_dense",
  outer: "feed_forward.output_dense",
  outerNorm: "final_layer_norm",
  keyBias: true,
};

const layerName = (index: number) => `encoder.layers.${index}`;

/** Shapes of all layers, and of the norm before the first or after the last. */
export function layerShapes(config: LayerConfig, names: LayerNames): Shapes {
  const { hidden_size: width, intermediate_size: inner } = config;
  const shapes: Shapes = normShapes("encoder.layer_norm", width);
  for (let i = 0; i < config.num_hidden_layers; i++) {
    const layer = layerName(i), attention = `${layer}.${names.attention}`;
    for (const part of ["q_proj", "k_proj", "v_proj", "out_proj"]) {
      Object.assign(shapes, linearShapes(`${attention}.${part}`, width, width));
    }
    if (!names.keyBias) delete shapes[`${attention}.k_proj.bias`];
    Object.assign(
      shapes,
      normShapes(`${layer}.${names.attentionNorm}`, width),
      linearShapes(`${layer}.${names.inner}`, width, inner),
      linearShapes(`${layer}.${names.outer}`, inner, width),
      normShapes(`${layer}.${names.outerNorm}`, width),
    );
  }
  return shapes;
}

/** The norm before the first layer, or after the last. */
export const outsideNorm = (params: Params, x: tf.Tensor3D, config: LayerConfig): tf.Tensor3D =>
  normLayer(params, "encoder.layer_norm", x, config.layer_norm_eps);

/**
 * Computes hidden states `[B,L,D]`: `first`, then the output of each of the first `depth` layers. `keys`,
 * broadcastable to `[B,heads,L,L]`, is 1 where attention may look. If layer norm comes first
 * (`do_stable_layer_norm`), only the last layer's states are normed.
 */
export function layerStates(
  params: Params,
  first: tf.Tensor3D,
  keys: tf.Tensor4D,
  config: LayerConfig,
  { names, depth, bias }: { names: LayerNames; depth: number; bias?: AttentionBias },
  context: ForwardContext,
): tf.Tensor3D[] {
  const states = [first];
  for (let i = 0; i < depth; i++) {
    const name = layerName(i), inputs = { x: states[i], keys, ...bias && { shared: bias.shared } };
    const apply = (given: typeof inputs) => layer(params, name, given, { names, bias }, config, context);
    const next = context.gradientCheckpointing
      ? checkpointed(apply, inputs, paramsUnder(params, `${name}.`))
      : apply(inputs);
    // If attention has a bias, the first layer owns it and is never dropped.
    states.push(bias && i === 0 ? next : kept(next, states[i], config.layerdrop, context));
  }
  if (config.do_stable_layer_norm && depth === config.num_hidden_layers) {
    states[depth] = outsideNorm(params, states[depth], config);
  }
  return states;
}

function layer(
  params: Params,
  name: string,
  { x, keys, shared }: { x: tf.Tensor3D; keys: tf.Tensor4D; shared?: tf.Tensor3D },
  { names, bias }: { names: LayerNames; bias?: AttentionBias },
  config: LayerConfig,
  context: ForwardContext,
): tf.Tensor3D {
  const norm = (end: string, x: tf.Tensor3D) => normLayer(params, `${name}.${end}`, x, config.layer_norm_eps);
  const projected = (part: string, x: tf.Tensor3D) =>
    linearLayer(params, `${name}.${names.attention}.${part}`, x, context);
  const attended = (x: tf.Tensor3D): tf.Tensor3D => {
    const { context: mixed } = attend({
      queries: projected("q_proj", x),
      keys: projected("k_proj", x),
      values: projected("v_proj", x),
      mask: keys,
      bias: shared && bias?.of(name, x, shared),
      heads: config.num_attention_heads,
      drop: (map) => dropout(map, config.attention_dropout, context),
    });
    return dropout(projected("out_proj", mixed), config.hidden_dropout, context);
  };
  const fed = (x: tf.Tensor3D): tf.Tensor3D => {
    const inner = linearLayer(params, `${name}.${names.inner}`, x, context);
    const seen = dropout(activate(config.hidden_act, inner), config.activation_dropout, context);
    const output = linearLayer(params, `${name}.${names.outer}`, seen, context);
    return dropout(output, config.hidden_dropout, context);
  };
  if (config.do_stable_layer_norm) {
    const middle: tf.Tensor3D = tf.add(x, attended(norm(names.attentionNorm, x)));
    return tf.add(middle, fed(norm(names.outerNorm, middle)));
  }
  const middle = norm(names.attentionNorm, tf.add(x, attended(x)));
  return norm(names.outerNorm, tf.add(middle, fed(middle)));
}

/**
 * LayerDrop (Fan et al. 2020): in training, the layer's input replaces its output with probability `rate`.
 * The layer is computed anyway, so that every step has the same graph.
 */
function kept(output: tf.Tensor3D, input: tf.Tensor3D, rate: number, context: ForwardContext): tf.Tensor3D {
  if (!context.training || rate === 0) return output;
  const keep = randomTensor([1, 1, 1], context, (into, keys) => {
    into[0] = Number(random(keys.next()).uniform() >= rate);
  });
  return tf.where(tf.cast(keep, "bool"), output, input);
}
