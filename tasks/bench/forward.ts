/** Cases on frozen encoders: forward passes from rows to hidden states. */
import { eightBit, frozenEncoder, type NetworkEncoder } from "../../lib/encoders/mod.ts";
import type { Case, Sides } from "./case.ts";
import { randomWeights, type Row, text } from "./encoder_models.ts";
import { batchesOf, parametersOf, preprocessOf, rowsOf, SEED, type Work } from "./encoder_work.ts";
import { inFile } from "./weights_in_file.ts";

/** Number of values of each row's first hidden state that must be equal on both sides. */
const CHECKED_WIDTH = 8;

/**
 * Times forward passes of a frozen encoder, from rows to hidden states. A round encodes each batch once, with
 * `eight` by 8-bit weights. What is compared beforehand are the states of float32 weights.
 */
export function forward(id: string, summary: string, work: Work, { eight = false } = {}): Case {
  const { kind, config } = work;
  return {
    id,
    summary,
    async prepare(): Promise<Sides> {
      const batches = batchesOf(work),
        { weights, remove } = await inFile(() => randomWeights(kind.shapes(config), SEED));
      const { apply } = kind.model(config), preprocess = preprocessOf(work);
      const network: NetworkEncoder<Row> = {
        id,
        modality: kind === text ? "text" : "audio",
        width: config.hidden_size as number,
        files: {},
        identity: [id],
        weights,
        apply: apply as NetworkEncoder<Row>["apply"],
        preprocess,
        recordedAt: (batch, length) => kind.ofSize(batch, length, config),
      };
      const float = frozenEncoder(network, { graphFrom: 0 }), timed = eight ? eightBit(network) : float;
      return {
        unit: { name: "batch", perRound: work.batches },
        async check() {
          const sequences = await float.encode(batches[0].rows);
          if (eight) float.release!();
          return sequences.flatMap(({ data }) => [...data.subarray(0, CHECKED_WIDTH)]);
        },
        async round() {
          for (const { rows } of batches) await timed.encode(rows);
        },
        pytorch: {
          module: "encoders",
          variants: ["no_grad"],
          spec: { encoder: kind.pytorch, config, rows: work.rows, checked: CHECKED_WIDTH },
          tensors: () => [...parametersOf(work), ...rowsOf(batches.flatMap(({ rows }) => rows))],
        },
        close() {
          timed.release!();
          remove();
        },
      };
    },
  };
}
