/** What a report tells of a run, read from the files in its folder. Reads no data set and no split anew. */
import { existsSync } from "node:fs";
import { basename, dirname, extname, resolve } from "node:path";
import { parse } from "csv-parse/sync";
import { type Rejection, type Split, SPLITS } from "../../data/mod.ts";
import { areClasses, type Scores } from "../../eval/mod.ts";
import { readJson, unescapeFormula } from "../../files/mod.ts";
import type { TrainConfig } from "../../config/mod.ts";
import type { TargetKind } from "../../target.ts";
import type { TrainEvent } from "../../train/mod.ts";
import { type DataFacts, readDataFacts } from "../data_facts.ts";
import { type AnsweredRow, readAnsweredRows } from "../predictions.ts";
import { readEvents, readResults } from "../read_results.ts";
import type { RunFolder } from "../run_folder.ts";
import type { SplitResult } from "../split_result.ts";

/** A split that a run has answered. */
export interface Answered {
  split: Split;
  result: SplitResult;
  /** The answers row by row; none if the run does not keep them. */
  rows: AnsweredRow[];
}

/** A run as reports see it. */
export interface Material {
  /** Name in tables and figures. */
  name: string;
  folder: RunFolder;
  config: TrainConfig;
  environment?: Record<string, unknown>;
  target: TargetKind;
  /** Names of the classes, labels or dimensions. */
  labels: string[];
  /** The splits that were evaluated with the weights of now, test before dev. */
  answered: Answered[];
  events: TrainEvent[];
  data?: DataFacts;
  rejected: Rejection[];
  /** The folder that the paths of clips start at, if it is known. */
  root?: string;
  /** What the folder lacks, in sentences. */
  lacks: string[];
}

/** Reads a run's folder. `config` is the configuration of its checkpoint. */
export async function readMaterial(
  folder: RunFolder,
  config: TrainConfig,
  name = folder.name,
): Promise<Material> {
  const results = await readResults(folder), data = await readDataFacts(folder);
  const kept = SPLITS.toReversed().flatMap((split) => {
    const result = results[split];
    return result && !result.outdated ? [{ split, result }] : [];
  });
  const broken = kept.filter(({ result }) => !isWhole(result)).map(({ split }) => split);
  const current = kept.filter(({ result }) => isWhole(result));
  const answered = await Promise.all(
    current.map(async (each) => ({ ...each, rows: await readRows(folder, each.split, each.result.metrics) })),
  );
  const events = await readEvents(folder), first = answered[0]?.result.metrics;
  const environment = await readJson(folder.environment).catch(() => undefined);
  const isObject = typeof environment === "object" && environment !== null;
  const unkept = answered.filter(({ rows }) => rows.length === 0).map(({ split }) => split);
  return {
    name,
    folder,
    config,
    ...isObject && { environment: environment as Record<string, unknown> },
    target: first ? kindOf(first) : data?.target ?? "class",
    labels: first ? namesIn(first) : data?.labels ?? [],
    answered,
    events,
    data,
    rejected: await readRejected(folder),
    root: data?.root ?? rootOf(config.data),
    lacks: [
      ...data
        ? []
        : ["It does not keep the counts and notes of its data: it was trained by an earlier version."],
      ...broken.map((split) => `Its result on ${split} can't be read.`),
      ...kept.length ? [] : ["It has no results yet."],
      ...unkept.length ? [`It does not keep its answers on ${unkept.join(" and ")}.`] : [],
      ...isObject ? [] : ["It does not say on which machine it was trained."],
      ...events.length ? [] : ["It has no record of its training."],
    ],
  };
}

/** Returns whether a result holds the scores that reports show. */
const isWhole = ({ metrics }: SplitResult): boolean =>
  typeof metrics === "object" && metrics !== null &&
  (areClasses(metrics) ? Array.isArray(metrics.confusion) : Array.isArray(metrics.per_label));

/** Returns the names of classes, labels or dimensions. */
export const namesIn = (metrics: Scores): string[] =>
  (areClasses(metrics) ? metrics.per_class : metrics.per_label).map(({ label }) => label);

export const kindOf = (metrics: Scores): TargetKind => areClasses(metrics) ? "class" : metrics.target;

async function readRows(folder: RunFolder, split: Split, metrics: Scores): Promise<AnsweredRow[]> {
  const path = folder.predictions(split);
  if (!existsSync(path)) return [];
  const rows = readAnsweredRows(await Deno.readTextFile(path), {
    target: kindOf(metrics),
    labels: namesIn(metrics),
  });
  return rows.every(({ answer }) => answer.every(Number.isFinite)) ? rows : [];
}

async function readRejected({ rejected }: RunFolder): Promise<Rejection[]> {
  if (!existsSync(rejected)) return [];
  const rows = parse(await Deno.readTextFile(rejected), { columns: true, cast: unescapeFormula });
  return rows as Rejection[];
}

/** Returns the folder of a manifest, at which the paths of its clips start. */
function rootOf(data: string): string | undefined {
  const isFile = [".csv", ".tsv"].includes(extname(basename(data)).toLowerCase());
  return isFile ? dirname(resolve(data)) : undefined;
}
