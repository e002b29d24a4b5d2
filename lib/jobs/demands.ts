/**
 * What a run demands of its data: modalities that can be read, enough usable rows, and labelled rows in each
 * split.
 */
import type { Dataset, Example, Rejection, Split } from "../data/mod.ts";
import type { TrainConfig } from "../config/mod.ts";
import type { FrozenEncoder, Modality, ModelEncoder } from "../encoders/mod.ts";
import { badInput, count } from "../errors.ts";

/**
 * Returns the modalities that rows of these splits have. Throws UndertoneError if all rows lack all of them.
 */
export function presentIn(
  { rows }: Dataset,
  wanted: readonly Modality[],
  readable: (modality: Modality) => ReadonlySet<string>,
  { data, method }: Pick<TrainConfig, "data" | "method">,
  splits: readonly Split[],
): readonly Modality[] {
  const own = rows.filter(({ split }) => splits.includes(split));
  const present = wanted.filter((modality) => own.some(({ id }) => readable(modality).has(id)));
  if (present.length > 0 || own.length === 0) return present;
  throw badInput({
    expected: `${wanted.join(" or ")}, which this ${method} model reads,`,
    found: `${count(own.length, "row")} without it`,
    at: data,
    todo: "Give data that has it.",
  });
}

/** Throws UndertoneError if a modality has no row that can be read, or no encoder. */
export function requireModalities(
  { data, method }: Pick<TrainConfig, "data" | "method">,
  modalities: readonly Modality[],
  dataset: Dataset,
  encoders: Partial<Record<Modality, FrozenEncoder<never> | ModelEncoder>>,
  readable: (modality: Modality) => ReadonlySet<string>,
  splits: readonly Split[],
): void {
  const learns = splits.includes("train"); // training needs the modality in the train split itself
  for (const modality of modalities) {
    const own = readable(modality), encoder = encoders[modality];
    const there = dataset.rows.some(({ id, split }) => own.has(id) && (!learns || split === "train"));
    if (there && encoder) continue;
    if (!there && encoder && "stored" in encoder && encoder.stored) {
      const { stored } = encoder, [first] = dataset.rows;
      throw badInput({
        expected: `${learns ? "training " : ""}rows with features in ${stored.path}`,
        found: `none (e.g. ${stored.find(dataset.rows).faults.get(first?.id) ?? "no row"})`,
        at: data,
        todo: `A key must be a row's id or the name of its clip. ${stored.notes(dataset.rows).join(" ")}`,
      });
    }
    const alone = modality === "audio" ? "text_only" : "audio_only";
    throw badInput({
      expected: `${modality} for the method ${method}`,
      found: there ? `--${modality}=none` : `no ${learns ? "training " : ""}row with ${modality}`,
      at: there ? "the configuration" : data,
      todo: there
        ? `Name an encoder with --${modality}, or use --method ${alone}.`
        : `Give data that has it, or use --method ${alone}; an ablation or folds also need --${modality} none.`,
    });
  }
}

/** Throws UndertoneError if a larger share of the rows is unusable than the configuration allows. */
export function refuseIfTooMany(
  { data, max_rejected }: Pick<TrainConfig, "data" | "max_rejected">,
  dataset: Dataset,
  rejected: readonly Rejection[],
): void {
  const share = rejected.length / Math.max(1, dataset.rows.length + dataset.rejected.length);
  if (share <= max_rejected) return;
  const examples = rejected.slice(0, 3).map(({ at, reason }) => `${at}: ${reason}`).join("; ");
  throw badInput({
    expected: `at most ${Math.round(max_rejected * 100)} % unusable rows`,
    found: `${rejected.length} (${Math.round(share * 100)} %), e.g. ${examples}`,
    at: data,
    todo: "Fix the rows, or allow more with --max-rejected.",
  });
}

/** Throws UndertoneError if a split has no labelled row. */
export function requireRows(data: string, split: Split, examples: readonly Example[]): void {
  if (examples.some(({ target }) => target)) return;
  throw badInput({
    expected: `labelled rows in the split '${split}'`,
    found: examples.length ? `${count(examples.length, "row")} without a label` : "none",
    at: data,
    todo: "Check the columns 'split' and 'label', or name data that have such rows.",
  });
}
