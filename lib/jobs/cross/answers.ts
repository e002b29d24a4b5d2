/** The answers of trained models to the rows of a corpus, kept in each model's run folder. */
import { existsSync } from "node:fs";
import { type AblationCell, cellPath, type CrossConfig } from "../../config/mod.ts";
import { fingerprint, isStored } from "../../encoders/mod.ts";
import { readJson, writeFileAtomic, writeJsonAtomic } from "../../files/mod.ts";
import { MODALITIES, requireSameEncoders } from "../../model/mod.ts";
import { disposeParams } from "../../nn/mod.ts";
import { contentOf } from "../content.ts";
import { readBy } from "../evaluate.ts";
import { labelled } from "../fit.ts";
import { normalized } from "../normalized.ts";
import { predictionOf, predictionsCsv, readPredictions } from "../predictions.ts";
import { prepare, type Prepared, type PrepareOptions } from "../prepare.ts";
import { loadModel } from "../required_code.ts";
import { checkpointPath, type RunFolder, runFolder } from "../run_folder.ts";
import { score, type ScoredRow } from "../scored.ts";
import type { Corpus } from "./corpora.ts";

/** What a run keeps of the rows that it answered, beside its answers. */
interface Kept {
  /** Fingerprint of the rows, by their content. */
  rows: string;
  /** When they were answered. */
  read: string;
}

const filesOf = (folder: RunFolder, { name }: Corpus) => ({
  answers: folder.file(`on-${name}.csv`),
  kept: folder.file(`on-${name}.json`),
});

/** Returns a fingerprint of the rows of a corpus that models of these options read, wherever they lie. */
export async function identityOf({ dataset }: Corpus, config: CrossConfig): Promise<string> {
  const read = MODALITIES.filter((m) => config[m] !== "none" && !isStored(m, config[m]));
  const content = await contentOf(dataset, ["test"], read, { cache: config.cache });
  return fingerprint(JSON.stringify([dataset.labels, dataset.rows.map(({ id }) => id), content]));
}

/** Reads the answers of a cell's model to these rows; undefined if it has not answered them. */
export async function answersBefore(
  cell: AblationCell,
  corpus: Corpus,
  identity: string,
): Promise<ScoredRow[] | undefined> {
  const { answers, kept } = filesOf(runFolder(cellPath(cell)), corpus);
  if (!existsSync(kept) || (await readJson(kept) as Kept).rows !== identity) return undefined;
  return readPredictions(await Deno.readTextFile(answers), corpus.dataset, answers);
}

/** Prepares all rows of a corpus for the models of a matrix. Throws UndertoneError. */
export const preparedFor = (
  { data, dataset }: Corpus,
  { plan }: AblationCell,
  options: Pick<PrepareOptions, "signal" | "onProgress">,
): Promise<Prepared> =>
  prepare({ config: { ...plan.config, data }, encoders: plan.encoders }, {
    ...options,
    splits: ["test"],
    dataset,
  });

/** Answers prepared rows with a cell's model, and keeps the answers in its run. */
export async function answer(
  cell: AblationCell,
  corpus: Corpus,
  prepared: Prepared,
  { identity, signal }: { identity: string; signal?: AbortSignal },
): Promise<{ rows: ScoredRow[]; notes: readonly string[] }> {
  const path = cellPath(cell), checkpoint = checkpointPath(path);
  const { model, config } = await loadModel(checkpoint);
  using _ = { [Symbol.dispose]: () => disposeParams(model.params) };
  requireSameEncoders(readBy(model, prepared), prepared.encoders, checkpoint);
  const { dataset, examples } = normalized(prepared, model, config);
  const { rows } = await score(model, labelled(examples.test), signal);
  const { answers, kept } = filesOf(runFolder(path), corpus),
    byId = new Map(dataset.rows.map((r) => [r.id, r]));
  const predictions = rows.map(({ id, answer }) => predictionOf(byId.get(id)!, answer, dataset));
  await writeFileAtomic(answers, predictionsCsv(predictions, dataset));
  await writeJsonAtomic(kept, { rows: identity, read: new Date().toISOString() } satisfies Kept);
  // As a resumed matrix reads them: probabilities of six digits.
  return { rows: readPredictions(await Deno.readTextFile(answers), dataset, answers), notes: dataset.notes };
}
