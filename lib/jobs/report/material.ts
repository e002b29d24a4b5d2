/** What a report tells of a run, read from the files in its folder. Reads no data set and no split anew. */
import { existsSync } from "node:fs";
import { basename, dirname, extname, resolve } from "node:path";
import { type Rejection, type Split, SPLITS } from "../../data/mod.ts";
import { areClasses } from "../../eval/mod.ts";
import { readJson } from "../../files/mod.ts";
import { UndertoneError } from "../../errors.ts";
import type { TrainConfig } from "../../config/mod.ts";
import type { TargetKind } from "../../target.ts";
import type { TrainEvent } from "../../train/mod.ts";
import { type DataFacts, readDataFacts } from "../data_facts.ts";
import { type AnsweredRow, kindOf, namesIn, readAnswersOf, readCells } from "../predictions.ts";
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
  const faults: string[] = [];
  /** Reads a part; if it is damaged, the page goes on without it and says why. */
  const part = async <T>(what: string, read: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof UndertoneError)) throw error;
      faults.push(`Its ${what} can't be read: ${error.message}`);
      return otherwise;
    }
  };
  const results = await part("results", () => readResults(folder), {}), data = await readDataFacts(folder);
  const kept = SPLITS.toReversed().flatMap((split) => {
    const result = results[split];
    return result && !result.outdated ? [{ split, result }] : [];
  });
  const broken = kept.filter(({ result }) => !isWhole(result)).map(({ split }) => split);
  const current = kept.filter(({ result }) => isWhole(result));
  const answered = await Promise.all(
    current.map(async (each) => ({
      ...each,
      rows: await part(`answers on ${each.split}`, () => readRows(folder, each), []),
    })),
  );
  const events = await readEvents(folder), first = answered[0]?.result.metrics;
  const environment = await readJson(folder.environment).catch(() => undefined);
  const isObject = typeof environment === "object" && environment !== null;
  const unkept = answered.map(({ split }) => split).filter((split) => !existsSync(folder.predictions(split)));
  const rejected = await part("list of rows without use", () => readRejected(folder), []);
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
    rejected,
    root: data?.root ?? rootOf(config.data),
    lacks: [
      ...data
        ? []
        : ["It does not keep the counts and notes of its data: it was trained by an earlier version."],
      ...broken.map((split) => `Its result on ${split} can't be read.`),
      ...faults,
      ...kept.length || faults.length ? [] : ["It has no results yet."],
      ...unkept.length ? [`It does not keep its answers on ${unkept.join(" and ")}.`] : [],
      ...isObject ? [] : ["It does not say on which machine it was trained."],
      ...events.length ? [] : ["It has no record of its training."],
    ],
  };
}

/** Returns whether a result holds the scores that reports show. */
const isWhole = ({ metrics }: SplitResult): boolean =>
  typeof metrics === "object" && metrics !== null &&
  metrics.n > 0 && (!areClasses(metrics) || metrics.confusion?.length === metrics.per_class.length);

async function readRows(
  folder: RunFolder,
  { split, result }: Omit<Answered, "rows">,
): Promise<AnsweredRow[]> {
  const path = folder.predictions(split);
  return existsSync(path) ? await readAnswersOf(path, result.metrics) : [];
}

async function readRejected({ rejected }: RunFolder): Promise<Rejection[]> {
  if (!existsSync(rejected)) return [];
  const rows = readCells(await Deno.readTextFile(rejected), rejected);
  return rows.map(({ id = "", at = "", reason = "" }) => ({ id, at, reason }));
}

/** Returns the folder of a manifest, at which the paths of its clips start. */
function rootOf(data: string): string | undefined {
  const isFile = [".csv", ".tsv"].includes(extname(basename(data)).toLowerCase());
  return isFile ? dirname(resolve(data)) : undefined;
}
