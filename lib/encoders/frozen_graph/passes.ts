/** The passes of a frozen network, computed by graphs whose weights are constants. */
import { setImmediate } from "node:timers/promises";
import type { InferenceSession } from "onnxruntime-node";
import { collectGarbage, currentEngine, type Feed, wantedThreads } from "../../compute/mod.ts";
import { afterUse } from "../after_use.ts";
import { encodeInPasses, type Pass } from "../encode_rows.ts";
import type { NetworkEncoder, Row, Sequence } from "../encoder.ts";
import { openSession } from "../onnx_session.ts";
import { networkGraph, type Writing } from "./graph.ts";

/** Most padded states of a pass. With more, what a layer computes no longer fits into a core's cache. */
const MOST_STATES = 256;

/** Whether the engine is the one whose recordings become a graph: `onnx` on the CPU. */
export function isOnHost(): boolean {
  const { name, device } = currentEngine();
  return name === "onnx" && device === "cpu";
}

/** Says that no graph of a network can be made; its cause says why. Callers catch it. */
export class NoGraph extends Error {
  constructor(override readonly cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause));
  }
}

/** The passes of a network that computes its rows by graphs. */
export interface GraphPasses {
  /** Computes the hidden states of rows. The engine must be `onnx` on the CPU. Throws `NoGraph`. */
  encode(rows: readonly Row[]): Promise<Sequence[]>;
  /** Ends the sessions once no call of `encode` runs; the next one opens new ones. */
  release(): void;
}

/**
 * Computes a network's rows by graphs. Each is made when a feed with its inputs comes first: windows of a
 * long recording have more. `writing` is called for each graph; by default its weights are float32. `keyOf`
 * tells rows of different passes apart by the feed of a row alone; by default the network tells.
 */
export function graphPasses<In>(
  { preprocess, piece, windows, ...network }: NetworkEncoder<In>,
  { writing, keyOf }: { writing?(): Writing; keyOf?(feed: Feed): string } = {},
): GraphPasses {
  const sessions = new Map<string, Promise<InferenceSession>>();
  const open = async (feed: Feed, key: string) => {
    try {
      const { bytes, apart } = networkGraph(network, feed, writing?.());
      await setImmediate(); // until then, V8 keeps weakly held weights that this task has read
      collectGarbage();
      return await openSession(bytes, { spinning: true, apart });
    } catch (error) {
      sessions.delete(key);
      throw new NoGraph(error);
    }
  };
  const pass: Pass = async (feed) => {
    const key = `${wantedThreads()} ${Object.keys(feed).sort()}`;
    if (!sessions.has(key)) sessions.set(key, open(feed, key));
    const session = await sessions.get(key)!, { Tensor } = await import("onnxruntime-node");
    const given = Object.entries(feed).map(([name, { data, shape }]) => [
      name,
      data instanceof Int32Array ? new Tensor("int32", data, shape) : new Tensor("float32", data, shape),
    ]);
    const { states, states_mask } = await session.run(Object.fromEntries(given));
    const [, length, width] = states.dims;
    return { states: states.data as Float32Array, mask: states_mask.data as Float32Array, length, width };
  };
  const passOf = (row: Row) => {
    if (!keyOf && preprocess.passOf) return { ...preprocess.passOf(row), whole: false };
    const feed = preprocess.pad([row]), rows = Math.max(1, Math.floor(MOST_STATES / feed.mask.shape[1]));
    return { key: keyOf?.(feed) ?? 0, rows, whole: false };
  };
  const weight = (name: string) => Promise.resolve(network.weights[name].data as Float32Array);
  // ONNX Runtime crashes if a session ends while it runs.
  const use = afterUse(() => {
    for (const session of sessions.values()) session.then((open) => open.release(), () => {});
    sessions.clear();
  });
  const encoder = { piece, windows, preprocess: { ...preprocess, passOf } };
  return {
    encode: (rows) => use.during(() => encodeInPasses(pass, encoder, weight, rows)),
    release: use.release,
  };
}
