/**
 * Half precision: products read their factors as 16-bit floats. Their results, and everything that sums or
 * exponentiates, stay 32-bit.
 */
import { ELEMENT_TYPE } from "./compile.ts";
import type { Graph } from "./graph.ts";
import { int, Value } from "./value.ts";

/** A graph whose products can be half precise. */
export interface HalfProducts {
  graph: Graph;
  /** Calls `record`. The products of matrices and the convolutions that it records are half precise. */
  within<T>(record: () => T): T;
}

const MATRIX_PRODUCTS: ReadonlySet<string> = new Set(["MatMul", "FusedMatMul", "Gemm"]);
const CONVOLUTIONS: ReadonlySet<string> = new Set(["Conv", "ConvTranspose"]);

/**
 * Whether a node gains from half precision. A product with a single row or column does not: it is a sum, such
 * as the mean of a norm, and its casts would take as long as the sum itself.
 */
const gains = (op: string, shape: readonly number[]): boolean =>
  CONVOLUTIONS.has(op) || (MATRIX_PRODUCTS.has(op) && shape.slice(-2).every((length) => length > 1));

/**
 * Wraps a graph. Outside of `within`, it records the same nodes as the graph. With `emulated`, products
 * compute in 32 bits from rounded factors, and their results are rounded: the CPU lacks half-precise
 * products, and ONNX Runtime would leave out the rounding.
 */
export function halfProducts(graph: Graph, { emulated }: { emulated: boolean }): HalfProducts {
  const factors = new WeakMap<Value, Value>();
  let on = false;

  const cast = (value: Value, dtype: "float16" | "float32") =>
    graph.add("Cast", [value], value.shape, dtype, [int("to", ELEMENT_TYPE[dtype])]);
  const rounded = (value: Value) => cast(cast(value, "float16"), "float32");

  /** Returns a factor in half precision. One cast serves all its readers in a graph. */
  const factorOf = (value: Value): Value => {
    const known = factors.get(value);
    if (known?.node) return known; // still pending: the value has not changed since
    const factor = emulated ? rounded(value) : cast(value, "float16");
    factors.set(value, factor);
    return factor;
  };

  return {
    graph: {
      ...graph,
      add(op, inputs, shape, dtype, attributes) {
        const values = inputs.filter((input) => input instanceof Value);
        if (!on || !gains(op, shape) || values.length < inputs.length) {
          return graph.add(op, inputs, shape, dtype, attributes);
        }
        const given = values.map(factorOf);
        return emulated
          ? rounded(graph.add(op, given, shape, "float32", attributes))
          : cast(graph.add(op, given, shape, "float16", attributes), "float32");
      },
    },
    within(record) {
      const before = on;
      on = true;
      try {
        return record();
      } finally {
        on = before;
      }
    },
  };
}
