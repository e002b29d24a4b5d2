/** The transformer of wav2vec2 and related models, over frames of speech. Names are PyTorch's. */
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
import type { SpeechArchitecture } from "./config.ts";
import type { SpeechConfig } from "./settings.ts";
import type { AttentionBias } from "./family.ts";
import { wideConvolution } from "./positions.ts";

export function encoderShapes({ family, config }: SpeechArchitecture): Shapes {
  const { hidden_size: width, intermediate_size: inner } = config;
  const positions = (family.positions ?? wideConvolution).shapes(config);
  const shapes: Shapes = { ...positions, ...normShapes("encoder.layer_norm", width) };
  for (let i = 0; i < config.num_hidden_layers; i++) {
    const layer = layerName(i);
    for (const part of ["q_proj", "k_proj", "v_proj", "out_proj"]) {
      Object.assign(shapes, linearShapes(`${layer}.attention.${part}`, width, width));
    }
    Object.assign(
      shapes,
      normShapes(`${layer}.layer_norm`, width),
      linearShapes(`${layer}.feed_forward.intermediate_dense`, width, inner),
      linearShapes(`${layer}.feed_forward.output_dense`, inner, width),
      normShapes(`${layer}.final_layer_norm`, width),
    );
  }
  return shapes;
}

/**
 * Computes hidden states `[B,L,D]` of projected frames `x [B,L,D]` with mask `[B,L]`: the input of the first
 * layer, then the output of each of the first `depth` layers. If layer norm comes first
 * (`do_stable_layer_norm`), only the last layer's states are normed.
 */
export function speechTransformer(
  params: Params,
  x: tf.Tensor3D,
  mask: tf.Tensor2D,
  { family, config }: SpeechArchitecture,
  depth: number,
  context: ForwardContext,
): tf.Tensor3D[] {
  const [batch, length] = mask.shape;
  const norm = (x: tf.Tensor3D) => normLayer(params, "encoder.layer_norm", x, config.layer_norm_eps);
  const { positions = wideConvolution } = family;
  const real: tf.Tensor3D = tf.mul(x, tf.expandDims(mask, 2));
  const placed: tf.Tensor3D = tf.add(real, positions.of(params, real, mask, config));
  const first = config.do_stable_layer_norm ? placed : norm(placed);
  const states = [dropout(first, config.hidden_dropout, context)];
  const keys: tf.Tensor4D = tf.reshape(mask, [batch, 1, 1, length]);
  const bias = family.bias?.(params, config, length);
  for (let i = 0; i < depth; i++) {
    const name = layerName(i), inputs = { x: states[i], keys, ...bias && { shared: bias.shared } };
    const apply = (given: typeof inputs) => layer(params, name, given, bias, config, context);
    const next = context.gradientCheckpointing
      ? checkpointed(apply, inputs, paramsUnder(params, `${name}.`))
      : apply(inputs);
    // If attention has a bias, the first layer owns it and is never dropped.
    states.push(bias && i === 0 ? next : kept(next, states[i], config.layerdrop, context));
  }
  if (config.do_stable_layer_norm && depth === config.num_hidden_layers) states[depth] = norm(states[depth]);
  return states;
}

const layerName = (index: number) => `encoder.layers.${index}`;

function layer(
  params: Params,
  name: string,
  { x, keys, shared }: { x: tf.Tensor3D; keys: tf.Tensor4D; shared?: tf.Tensor3D },
  bias: AttentionBias | undefined,
  config: SpeechConfig,
  context: ForwardContext,
): tf.Tensor3D {
  const norm = (end: string, x: tf.Tensor3D) => normLayer(params, `${name}.${end}`, x, config.layer_norm_eps);
  const projected = (part: string, x: tf.Tensor3D) =>
    linearLayer(params, `${name}.attention.${part}`, x, context);
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
    const inner = linearLayer(params, `${name}.feed_forward.intermediate_dense`, x, context);
    const seen = dropout(activate(config.hidden_act, inner), config.activation_dropout, context);
    const output = linearLayer(params, `${name}.feed_forward.output_dense`, seen, context);
    return dropout(output, config.hidden_dropout, context);
  };
  if (config.do_stable_layer_norm) {
    const middle: tf.Tensor3D = tf.add(x, attended(norm("layer_norm", x)));
    return tf.add(middle, fed(norm("final_layer_norm", middle)));
  }
  const middle = norm("layer_norm", tf.add(x, attended(x)));
  return norm("final_layer_norm", tf.add(middle, fed(middle)));
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
