/** The pending graph: kernels append nodes, and a flush runs the nodes still needed as one compiled model. */
import { UndertoneError } from "../../errors.ts";
import type { EngineStats } from "../stats.ts";
import { nameOf, slotOf } from "./compile.ts";
import { compiledGraphs } from "./compiled.ts";
import { arrayOf, type Memory } from "./memory.ts";
import type { Sessions } from "./sessions.ts";
import {
  type Attribute,
  type ElementType,
  type HostArray,
  type NativeTensor,
  type Node,
  type Operand,
  sizeOf,
  Value,
} from "./value.ts";

export interface Graph {
  /** Appends a node with one output. */
  add(
    op: string,
    inputs: readonly Operand[],
    shape: readonly number[],
    dtype: ElementType,
    attributes?: readonly Attribute[],
  ): Value;
  /** Appends a node with several outputs. */
  addMany(
    op: string,
    inputs: readonly Operand[],
    outputs: readonly (readonly [readonly number[], ElementType])[],
    attributes?: readonly Attribute[],
  ): Value[];
  /** Number of nodes recorded since the last flush. */
  pending(): number;
  /**
   * Computes every held value and drops the other nodes. Returns the executed graph; undefined if nothing had
   * to run.
   */
  flush(): Executed | undefined;
  /**
   * Removes the nodes recorded since the last flush without running them. Returns them and the numbers that
   * they read.
   */
  withdraw(): { nodes: readonly Node[]; numbers: ReadonlyMap<Value, HostArray> };
  /** Whether a compiled graph with this signature exists. */
  knows(signature: string): boolean;
  /** Runs a compiled graph again. Tensors are keyed by the names that `flush` returned. */
  rerun(signature: string, feeds: Record<string, NativeTensor>, results: Record<string, NativeTensor>): void;
  /** Runs a compiled graph again on other values, by the names that `flush` returned. Fills `results`. */
  rerunOn(signature: string, feeds: ReadonlyMap<Value, string>, results: ReadonlyMap<Value, string>): void;
  /** Wraps these numbers as a tensor of a value's type and shape. */
  native(value: Value, data: HostArray): NativeTensor;
}

/** A graph that has run. */
export interface Executed {
  signature: string;
  /** What graphs with the same nodes in other shapes share: operators, connections, kept results. */
  structure: string;
  /** Nodes in the order in which they ran. */
  nodes: readonly Node[];
  /** The graph's inputs: names and numbers. `outlivesRun` is true if the numbers stay after the run. */
  feeds: readonly { name: string; value: Value; data: HostArray; outlivesRun: boolean }[];
  /** The graph's outputs. */
  results: readonly { name: string; value: Value }[];
}

type Tensors = Record<string, NativeTensor>;

/** Creates a graph whose values live in `memory` and whose compiled models are kept in `sessions`. */
export function lazyGraph(memory: Memory, sessions: Sessions, stats: EngineStats): Graph {
  const graphs = compiledGraphs(memory, sessions, stats);
  let pending: Node[] = [];
  let pendingReads: Value[] = [];

  const record = (
    op: string,
    inputs: readonly Operand[],
    outputs: Value[],
    attributes: readonly Attribute[],
  ) => {
    let key = `${op}${outputs.length}`;
    for (const { name, value } of attributes) key += `,${name}=${value}`;
    for (const operand of inputs) {
      if (!(operand instanceof Value)) key += `;${operand.dtype}${operand.length ?? ""}:${operand.values}`;
      else {
        key += ";";
        if (!operand.node && !operand.pendingReads) {
          operand.pendingReads = true;
          pendingReads.push(operand);
        }
      }
    }
    const node: Node = { op, inputs, outputs, attributes, key, needed: false };
    for (const output of outputs) output.node = node;
    pending.push(node);
  };

  const execute = (nodes: Node[]): Executed | undefined => {
    const { order, feeds, wanted, signature } = plan(nodes);
    if (!order.length) return undefined;
    const session = graphs.get(signature) ?? graphs.compile({ order, feeds, wanted, signature });
    timed(() => memory.run(session, feeds, wanted));
    stats.nodes += order.length;
    return {
      signature,
      structure: graphs.structure(signature),
      nodes: order,
      feeds: feeds.map((value) => ({
        name: nameOf(value),
        value,
        data: value.data!,
        outlivesRun: !value.pooled || value.refs > 0,
      })),
      results: wanted.map((value) => ({ name: nameOf(value), value })),
    };
  };

  const timed = (run: () => void) => {
    const start = performance.now();
    run();
    stats.runMs += performance.now() - start;
    stats.flushes++;
  };

  /** Clears the state of nodes that have run or never will. */
  const forget = (nodes: readonly Node[], read: readonly Value[]) => {
    for (const node of nodes) {
      for (const value of node.outputs) {
        value.node = undefined;
        value.slot = -1;
      }
    }
    for (const value of read) {
      value.pendingReads = false;
      value.slot = -1;
      if (value.refs === 0) memory.free(value);
    }
  };

  /** Hands the recorded nodes to the caller and starts a new recording. */
  const take = () => {
    const taken = { nodes: pending, read: pendingReads };
    pending = [];
    pendingReads = [];
    return taken;
  };

  return {
    add(op, inputs, shape, dtype, attributes = []) {
      if (sizeOf(shape) === 0) return nothing(shape, dtype);
      const output = new Value(shape, dtype);
      record(op, inputs, [output], attributes);
      return output;
    },
    addMany(op, inputs, outputs, attributes = []) {
      const values = outputs.map(([shape, dtype]) => new Value(shape, dtype));
      record(op, inputs, values, attributes);
      return values.map((value) => sizeOf(value.shape) ? value : nothing(value.shape, value.dtype));
    },
    pending: () => pending.length,
    flush() {
      const { nodes, read } = take();
      try {
        return nodes.length ? execute(nodes) : undefined;
      } catch (cause) {
        for (const node of nodes) node.outputs.forEach(memory.free);
        throw failed(cause);
      } finally {
        forget(nodes, read);
      }
    },
    withdraw() {
      const { nodes, read } = take();
      const numbers = new Map(read.map((value) => [value, memory.read(value)!]));
      forget(nodes, read);
      return { nodes, numbers };
    },
    native: memory.tensor,
    knows: graphs.has,
    rerun(signature, feeds, results) {
      try {
        timed(() => graphs.get(signature)!.run(feeds, results));
      } catch (cause) {
        throw failed(cause);
      }
    },
    rerunOn(signature, feeds, results) {
      for (const named of [feeds, results]) for (const [value, name] of named) value.slot = slotOf(name);
      try {
        timed(() => memory.run(graphs.get(signature)!, [...feeds.keys()], [...results.keys()]));
      } catch (cause) {
        throw failed(cause);
      } finally {
        for (const named of [feeds, results]) for (const value of named.keys()) value.slot = -1;
      }
    },
  };
}

const failed = (cause: unknown): UndertoneError =>
  new UndertoneError(`ONNX Runtime could not run the graph: ${(cause as Error).message}`, "internal", {
    cause,
  });

/** Returns a value without elements. No graph could compute it. */
function nothing(shape: readonly number[], dtype: ElementType): Value {
  const value = new Value(shape, dtype);
  value.data = arrayOf(dtype, 0);
  return value;
}

/**
 * Returns the nodes that must run, their inputs and outputs, and a signature that equal graphs share. Numbers
 * all values.
 */
function plan(nodes: Node[]) {
  for (let i = nodes.length - 1; i >= 0; i--) { // backwards: readers come after what they read
    const node = nodes[i];
    if (!node.needed && !node.outputs.some((value) => value.refs > 0)) continue;
    node.needed = true;
    for (const input of node.inputs) if (input instanceof Value && input.node) input.node.needed = true;
  }
  const order: Node[] = [], feeds: Value[] = [], wanted: Value[] = [];
  let slots = 0, signature = "";
  for (const node of nodes) {
    if (!node.needed) continue;
    order.push(node);
    signature += node.key;
    for (const input of node.inputs) {
      if (!(input instanceof Value)) continue;
      if (input.slot < 0) {
        input.slot = slots++;
        feeds.push(input);
        signature += `(${input.shape}${input.dtype[0]})`;
      }
      signature += ` ${input.slot}`;
    }
    for (const value of node.outputs) {
      value.slot = slots++;
      if (value.refs > 0) {
        wanted.push(value);
        signature += value.expected ? "?" : "!";
      }
    }
    signature += "\n";
  }
  return { order, feeds, wanted, signature };
}
