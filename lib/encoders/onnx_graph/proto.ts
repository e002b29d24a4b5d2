/** The messages of an ONNX graph: types, attributes, tensors and ports. */
import proto, { type onnx as Onnx } from "onnx-proto";

/** Codes of element types in ONNX. */
export const TYPES = { float32: 1, int32: 6, int64: 7, bool: 9, float64: 11 } as const;
export type ElementType = keyof typeof TYPES;

/** A tensor of the graph. */
export interface Value {
  name: string;
  type: ElementType;
}

/** An attribute of a node; a number is an integer. */
export type AttributeValue = number | { float: number } | string | readonly number[] | Onnx.IGraphProto;

const { AttributeType } = proto.onnx.AttributeProto;

export function attributeOf(name: string, value: AttributeValue): Onnx.IAttributeProto {
  if (typeof value === "number") return { name, i: value, type: AttributeType.INT };
  if ("float" in Object(value)) {
    return { name, f: (value as { float: number }).float, type: AttributeType.FLOAT };
  }
  if (typeof value === "string") {
    return { name, s: new TextEncoder().encode(value), type: AttributeType.STRING };
  }
  if (Array.isArray(value)) return { name, ints: [...value], type: AttributeType.INTS };
  return { name, g: value as Onnx.IGraphProto, type: AttributeType.GRAPH };
}

export function rawData(type: ElementType, values: ArrayLike<number>): Uint8Array {
  const { buffer, byteOffset, byteLength } = {
    float32: () => Float32Array.from(values),
    float64: () => Float64Array.from(values),
    int32: () => Int32Array.from(values),
    int64: () => BigInt64Array.from(Array.from(values, BigInt)),
    bool: () => Uint8Array.from(values),
  }[type]();
  return new Uint8Array(buffer, byteOffset, byteLength);
}

export const portOf = ({ name, type }: Value, axes?: readonly (string | number)[]): Onnx.IValueInfoProto => ({
  name,
  type: {
    tensorType: {
      elemType: TYPES[type],
      shape: axes &&
        { dim: axes.map((axis) => typeof axis === "string" ? { dimParam: axis } : { dimValue: axis }) },
    },
  },
});

export const typeNamed = (code: number): ElementType =>
  (Object.keys(TYPES) as ElementType[]).find((name) => TYPES[name] === code)!;
