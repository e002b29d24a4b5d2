import { Tensor } from "onnxruntime-node";
import type { Sequence, TextEncoder } from "../encoder.ts";
import { fingerprint } from "../fingerprint.ts";
import { openSession } from "../onnx_session.ts";
import { useLiteExport } from "./export.ts";
import { MAX_LENGTH, useLiteGraph, WIDTH } from "./graph.ts";
import { tokenizer } from "./tokenizer.ts";
import { readPackage } from "./weights.ts";

/** Padded tokens per call of the model: enough to use all cores, few enough for the CPU's cache. */
const TOKENS_PER_CALL = 2048;
/** Part of the fingerprint: increase it when the results of tokenizer or graph change. */
const VERSION = "1";

/**
 * Loads Universal Sentence Encoder Lite (Cer et al. 2018, https://arxiv.org/abs/1803.11175): token states
 * `[T,512]` before pooling, T <= 128. Longer texts are cut, as in the original. A blank text has T = 0.
 */
export async function useLite(): Promise<TextEncoder> {
  const files = await readPackage();
  const { encode: tokenize } = tokenizer(files.vocabulary);
  const session = await openSession(useLiteGraph(files));

  /** Computes the states of rows, which are sorted by length, shortest first. */
  async function run(rows: readonly number[][]): Promise<Sequence[]> {
    const length = rows.at(-1)!.length;
    const ids = new Int32Array(rows.length * length);
    const mask = new Int32Array(rows.length * length);
    rows.forEach((row, b) => {
      ids.set(row, b * length);
      mask.fill(1, b * length, b * length + row.length);
    });
    const { states } = await session.run({
      ids: new Tensor("int32", ids, [rows.length, length]),
      positions: new Tensor("int32", Int32Array.from({ length }, (_, i) => i), [length]),
      mask: new Tensor("int32", mask, [rows.length, length]),
    });
    const data = await states.getData() as Float32Array;
    return rows.map((row, b) => {
      const start = b * length * WIDTH;
      return { data: data.slice(start, start + row.length * WIDTH), length: row.length, width: WIDTH };
    });
  }

  return {
    id: "use-lite",
    modality: "text",
    fingerprint: fingerprint(VERSION, ...files.content),
    width: WIDTH,
    lengthOf: (text) => tokenize(text).length,
    tokensOf(text) {
      const own = tokenize(text);
      return { own, places: own.slice(0, MAX_LENGTH).map((_, i) => i) };
    },
    async encode(batch) {
      const rows = batch.map((text) => tokenize(text).slice(0, MAX_LENGTH));
      const order = rows.map((_, i) => i).sort((a, b) => rows[a].length - rows[b].length);
      const sequences: Sequence[] = new Array(batch.length);
      let group: number[] = [];
      const flush = async () => {
        const states = await run(group.map((i) => rows[i]));
        group.forEach((i, k) => sequences[i] = states[k]);
        group = [];
      };
      for (const i of order) {
        if (rows[i].length === 0) {
          sequences[i] = { data: new Float32Array(0), length: 0, width: WIDTH };
          continue;
        }
        if (group.length > 0 && (group.length + 1) * rows[i].length > TOKENS_PER_CALL) await flush();
        group.push(i);
      }
      if (group.length > 0) await flush();
      return sequences;
    },
    graph: async () => useLiteExport(await readPackage()),
  };
}
