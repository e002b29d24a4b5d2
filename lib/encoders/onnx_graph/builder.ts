/** Builds an ONNX graph, with loops whose bodies read the values around them, and other graphs copied in. */
import proto, { type onnx as Onnx } from "onnx-proto";
import { type Operand, operators, type Shared } from "./operators.ts";
import { portOf, typeNamed, type Value } from "./proto.ts";

export type { Operand, Value };

/** One entry per axis: a fixed length, or the name of one that the caller chooses. */
type Axes = readonly (string | number)[];

/** The operators of a graph or of a loop's body. */
export interface Ops extends ReturnType<typeof operators> {
  /**
   * Runs `body` for i = 0 to `count` - 1 and stacks each of its results along a new first axis. A result must
   * have the same shape each time.
   */
  loop(count: Value, body: (ops: Ops, i: Value) => readonly Value[]): Value[];
  /** Copies a graph into this one and returns its outputs. */
  insert(graph: Onnx.IGraphProto, inputs: readonly Value[]): Value[];
}

export interface GraphBuilder extends Ops {
  /** Returns the graph of these inputs and outputs. */
  graph(inputs: readonly [Value, Axes][], outputs: readonly [name: string, Value, Axes][]): Onnx.IGraphProto;
}

/** Returns an empty graph. */
export function graphBuilder(): GraphBuilder {
  const shared: Shared = { initializer: [], constants: new Map(), count: 0 }, node: Onnx.INodeProto[] = [];
  return {
    ...opsOf(shared, node),
    graph(inputs, outputs) {
      for (const [name, { name: from }] of outputs) {
        node.push({ opType: "Identity", name, input: [from], output: [name] });
      }
      return {
        name: "encoder",
        node,
        initializer: shared.initializer,
        input: inputs.map(([value, axes]) => portOf(value, axes)),
        output: outputs.map(([name, { type }, axes]) => portOf({ name, type }, axes)),
      };
    },
  };
}

function opsOf(shared: Shared, node: Onnx.INodeProto[]): Ops {
  const ops = operators(shared, node), { fresh, many, tensor } = ops;
  return {
    ...ops,
    loop(count, body) {
      const nodes: Onnx.INodeProto[] = [], inner = opsOf(shared, nodes);
      const i: Value = { name: fresh("i"), type: "int64" }, go: Value = { name: fresh("go"), type: "bool" };
      const results = body(inner, i), on = inner.op("Identity", [go]);
      const graph = {
        name: fresh("body"),
        node: nodes,
        input: [portOf(i, []), portOf(go, [])],
        output: [portOf(on, []), ...results.map((result) => portOf(result))],
      };
      const always = tensor("bool", [1], []);
      const outputs = many("Loop", [count, always], results.length, { attributes: { body: graph } });
      return outputs.map(({ name }, k) => ({ name, type: results[k].type }));
    },
    insert(graph, inputs) {
      const prefix = fresh("part"),
        names = new Map(graph.input!.map(({ name }, i) => [name!, inputs[i].name]));
      const copy = renamed(graph, (name) => names.get(name) ?? `${prefix}/${name}`);
      shared.initializer.push(...copy.initializer!);
      node.push(...copy.node!);
      return copy.output!.map(({ name, type }) => ({
        name: name!,
        type: typeNamed(type!.tensorType!.elemType!),
      }));
    },
  };
}

/** Returns the bytes of a model of standard operators. */
export function encodeGraph(graph: Onnx.IGraphProto): Uint8Array {
  const { ModelProto } = proto.onnx;
  const opsetImport = [{ domain: "", version: 20 }];
  return ModelProto.encode(ModelProto.create({ irVersion: 9, opsetImport, graph })).finish();
}

/** Returns the graph of a model's bytes. */
export const decodeGraph = (model: Uint8Array): Onnx.IGraphProto =>
  proto.onnx.ModelProto.decode(model).graph!;

/** Returns a graph whose names are renamed, those of the bodies in it too. An empty name means no input. */
export function renamed(graph: Onnx.IGraphProto, rename: (name: string) => string): Onnx.IGraphProto {
  const one = (name: string | null | undefined) => name ? rename(name) : "";
  const named = <T extends { name?: string | null }>(things: readonly T[] | null | undefined): T[] =>
    (things ?? []).map((thing) => ({ ...thing, name: one(thing.name) }));
  return {
    ...graph,
    initializer: named(graph.initializer),
    input: named(graph.input),
    output: named(graph.output),
    node: named(graph.node).map((node) => ({
      ...node,
      input: node.input?.map(one),
      output: node.output?.map(one),
      attribute: node.attribute?.map((each) =>
        each.g?.node?.length ? { ...each, g: renamed(each.g, rename) } : each
      ),
    })),
  };
}
