/**
 * Convolutions along one axis as those of images that are one pixel high. ONNX Runtime computes images in
 * blocks of channels, as does a GELU between them: wav2vec2 base takes 0.94 of the time.
 */
import { type AlignedNode, type HostArray, ints, type Nodes, type Rewrite } from "../../compute/mod.ts";

type Value = AlignedNode["outputs"][number];
type Attributes = AlignedNode["attributes"];

/** The axis of an image's height. */
const HEIGHT = 2;

/** Returns how the convolutions of one recording are written. `weightOf` returns the values of a variable. */
export function imageConvolutions(weightOf: (variable: string) => HostArray): Rewrite {
  /** Names of images `[B,C,1,L]`, by the values `[B,C,L]` of the recording that they are. */
  const images = new Map<Value, string>();
  /** Names of weights `[out,in,1,taps]`, by their variables. */
  const weights = new Map<string, string>();
  return (nodes, { op, inputs, outputs: [output], attributes }, nameOf) => {
    const { emit, integers } = nodes;
    const raised = (x: string) => emit("Unsqueeze", [x, integers([HEIGHT])]);
    const give = (image: string) => {
      images.set(output, image);
      return emit("Squeeze", [image, integers([HEIGHT])]); // ONNX Runtime drops it if nothing reads it
    };
    const [x, weight, bias] = inputs as Value[];
    if (op === "Gelu") {
      nameOf(x); // adds its image, if it has one
      return images.has(x) ? give(emit("Gelu", [images.get(x)!], attributes)) : undefined;
    }
    if (op !== "Conv" || weight.shapes[0].length !== 3) return undefined;
    const name = nameOf(x);
    const variable = "variable" in weight.from ? weight.from.variable : undefined;
    const taps = variable === undefined
      ? raised(nameOf(weight))
      : weights.get(variable) ?? imageOf(nodes, weightOf(variable), weight.shapes[0]);
    if (variable !== undefined) weights.set(variable, taps);
    const factors = [images.get(x) ?? raised(name), taps, ...bias ? [nameOf(bias)] : []];
    return give(emit("Conv", factors, attributes.map(ofImages)));
  };
}

/** Adds a weight `[out,in,taps]` as `[out,in,1,taps]`, under a name of its own. */
const imageOf = (nodes: Nodes, weight: HostArray, [outputs, channels, taps]: readonly number[]) =>
  nodes.tensor("float32", weight, [outputs, channels, 1, taps]);

/** Returns an attribute of a convolution along one axis for images. */
function ofImages(attribute: Attributes[number]): Attributes[number] {
  const { name, value } = attribute, [first, last] = [value].flat() as number[];
  if (name === "pads") return ints(name, [0, first, 0, last]);
  return ["strides", "dilations", "kernel_shape"].includes(name) ? ints(name, [1, first]) : attribute;
}
