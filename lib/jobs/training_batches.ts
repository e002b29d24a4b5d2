/** The batches of a training: which rows an epoch takes, how they look in it, and their targets. */
import {
  balanced,
  batchOrder,
  type Buffers,
  eachOnce,
  mixWeight,
  type RowPick,
  streamOf,
} from "../data/mod.ts";
import { type Classifier, mixFeed, reader, viewer } from "../model/mod.ts";
import { type BatchFeed, type CrossEntropyOptions, lossInputs, mixedLossInputs } from "../train/mod.ts";
import type { TargetedPlan } from "../config/mod.ts";
import type { Labelled } from "./fit.ts";

/** A batch: rows of an epoch. */
export interface TrainBatch {
  epoch: number;
  picks: readonly RowPick[];
}

export interface TrainBatches {
  batches(epoch: number): TrainBatch[];
  /** Returns the inputs of a batch from `rows`, which are the given ones with their current hidden states. */
  feed(batch: TrainBatch): BatchFeed;
  /** Replaces the hidden states of the rows, in the same order. */
  use(rows: readonly Labelled[]): void;
}

/**
 * Creates the batches of scaled training rows. Everything random follows from seed, epoch and row, so a
 * resumed run sees the same. `frameWidth` is that of the speech encoder.
 */
export function trainBatches(
  model: Classifier,
  given: readonly Labelled[],
  { config: { batch_size: batchSize, seed, sampling }, augmenting }: TargetedPlan,
  { loss, frameWidth }: { loss: CrossEntropyOptions; frameWidth?: number },
): TrainBatches {
  const buffers: Buffers = new Map(), { lengths } = reader(model, given);
  let rows = given, current = reader(model, rows, buffers);
  const view = viewer(model, augmenting, frameWidth), plain = augmenting.chosen.length === 0;
  const viewOf = ({ row, time }: RowPick, epoch: number) =>
    plain ? rows[row] : view(rows[row], { seed, epoch, time });
  const keyOf = ({ row, time }: RowPick, epoch: number) => [seed, epoch, rows[row].id, time] as const;

  const picksOf = (epoch: number): readonly RowPick[] =>
    sampling === "uniform" ? eachOnce(rows.length) : balanced(
      rows.map(({ id, target }) => ({ id, value: target.kind === "class" ? target.value : 0 })),
      { seed, epoch },
    );
  let partners: { epoch: number; sorted: readonly RowPick[] } | undefined;
  /** Returns the row of the epoch that a row is mixed with. The order of the rows does not matter. */
  const partnerOf = (pick: RowPick, epoch: number): RowPick => {
    if (partners?.epoch !== epoch) {
      const byId = (a: RowPick, b: RowPick) =>
        rows[a.row].id < rows[b.row].id ? -1 : rows[a.row].id > rows[b.row].id ? 1 : a.time - b.time;
      partners = { epoch, sorted: [...picksOf(epoch)].sort(byId) };
    }
    return partners.sorted[streamOf("partner", keyOf(pick, epoch)).integer(partners.sorted.length)];
  };

  return {
    batches(epoch) {
      const picks = picksOf(epoch);
      const order = batchOrder(picks.map(({ row }) => lengths[row]), { batchSize, seed, epoch });
      return order.map((places) => ({ epoch, picks: Array.from(places, (place) => picks[place]) }));
    },
    feed({ epoch, picks }) {
      const views = picks.map((pick) => viewOf(pick, epoch)), { target: kind, labels: { length } } = model;
      const shares = picks.map((pick) => mixWeight(augmenting, keyOf(pick, epoch)));
      if (shares[0] === undefined) {
        const { inputs, weight } = lossInputs(views.map(({ target }) => target), kind, length, loss);
        return { inputs: { ...current.feedOf(views), ...inputs }, weight };
      }
      const others = picks.map((pick) => viewOf(partnerOf(pick, epoch), epoch));
      const pairs = views.map(({ target: own }, i) => ({ own, other: others[i].target, share: shares[i]! }));
      const { inputs, weight } = mixedLossInputs(pairs, kind, length, loss);
      const states = current.feedOf([...views, ...others]);
      return { inputs: { ...states, ...mixFeed(pairs.map(({ share }) => share)), ...inputs }, weight };
    },
    use(next) {
      rows = next;
      current = reader(model, rows, buffers);
    },
  };
}
