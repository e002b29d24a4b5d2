/**
 * One run, ablation, protocol, matrix of corpora or search: what it is, how far it is, and how good on
 * dev.
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { count } from "../../errors.ts";
import { areClasses, headlineMetrics, KINDS, type Scores } from "../../eval/mod.ts";
import { readJson } from "../../files/mod.ts";
import type { TargetKind } from "../../target.ts";
import type { AblationResults, Measured } from "../ablation/table.ts";
import type { FoldsResults } from "../folds/results.ts";
import { holderOf } from "../lock.ts";
import { readResults } from "../results.ts";
import { type RunFolder, runFolder } from "../run_folder.ts";
import type { SearchResults } from "../search/results.ts";
import { environmentIn } from "./environment_in.ts";
import { ABOUTS, kindOf, type RunKind } from "./kinds.ts";
import { type Progress, progressOf } from "./progress.ts";
import { bytesBelow } from "./size.ts";

/** A folder of results in brief. What its files do not say is absent. */
export interface RunSummary {
  /** Its path from the folder that was listed. */
  name: string;
  /** Its path. */
  path: string;
  /** A run, an ablation, the folds of a protocol, a matrix of corpora, or a search. */
  kind: RunKind;
  /** The data set, or the corpora of a matrix. */
  data?: string;
  /** The protocol, if it is not `split`. */
  protocol?: string;
  /** The fusion methods: several in an ablation, the best on dev first. */
  methods: string[];
  /** Text encoder, or `none`. */
  text?: string;
  /** Speech encoder, or `none`. */
  audio?: string;
  /** Kind of target, if there are results. */
  target?: TargetKind;
  /**
   * Metrics on dev: of the best epoch so far; of an ablation and of folds the mean of the best recipe. A
   * matrix has none.
   */
  dev: Record<string, number | null>;
  /** Whether it is finished, stopped, running now, or can't be read. */
  state: "finished" | "stopped" | "running" | "broken";
  /** What else is known of the state: "epoch 3 of 10", or why it can't be read. */
  detail: string;
  /** When it was started, as ISO 8601; without a record, when its configuration was written. */
  started?: string;
  /** Bytes on disk. */
  bytes: number;
}

/** What a kind of folder tells beside its configuration. */
type Told = Pick<RunSummary, "state" | "detail"> & Partial<Pick<RunSummary, "dev" | "target" | "methods">>;
type Values = Record<string, unknown>;

/** Returns the folder in brief, or undefined if it holds no results of ours. Changes nothing. */
export async function summaryOf(path: string, name = basename(path)): Promise<RunSummary | undefined> {
  const kind = kindOf(path);
  if (!kind) return undefined;
  const about = join(path, ABOUTS[kind]);
  const { value: kept, fault } = existsSync(about) ? await values(about) : {
    value: {},
    fault: `it ended before it began to train: start it again with --name ${basename(path)}`,
  };
  const config = kind === "run" ? kept : asValues(kept.config);
  if (kind === "run" && !fault && typeof config.method !== "string") return undefined; // another tool's
  const holder = await holderOf(path);
  const told = fault
    ? broken(fault)
    : await TELL[kind](path, config).catch((error) => broken(reasonOf(error)));
  const where = [holder?.pid === undefined ? [] : `process ${holder.pid} on ${holder.host}`].flat();
  const detail = [told.state === "broken" ? [] : told.detail, where].flat().filter(Boolean).join(", ");
  const started = await startOf(kind, path);
  return {
    name,
    path,
    kind,
    ...dataOf(kind, config),
    methods: methodsOf(kind, config),
    ...pick(config, "text"),
    ...pick(config, "audio"),
    dev: {},
    ...told,
    ...holder && { state: "running", detail },
    ...started && { started },
    bytes: bytesBelow(path),
  };
}

const broken = (detail: string): Told => ({ state: "broken", detail });

/** How each kind tells its state and its dev metrics. Any error says why it can't be read. */
const TELL: Readonly<Record<RunKind, (path: string, config: Values) => Promise<Told>>> = {
  async run(path, config) {
    const folder = runFolder(path), progress = await progressOf(folder), { dev } = await readResults(folder);
    const fault = existsSync(folder.metrics) && (await values(folder.metrics)).fault;
    const isOdd = dev && (typeof dev.metrics !== "object" || dev.metrics === null);
    if (fault || isOdd) throw new TypeError("no results of a run");
    const scored = dev && !dev.outdated ? dev.metrics : undefined;
    return {
      ...stateOf(folder, progress, scored !== undefined, config.epochs),
      dev: scored ? headlines(scored) : progress?.best ?? {},
      ...scored && { target: targetOf(scored) },
    };
  },

  async ablation(path) {
    const cells = await inside(path), results = await read<AblationResults>(path);
    const open = cells.filter(({ state }) => state !== "finished");
    const trained = `${cells.length - open.length} of ${count(cells.length, "run")} trained`;
    if (!results || open.length) return { state: "stopped", detail: trained };
    const best = results.systems.find(({ name }) => name === results.best) ?? results.systems.at(-1);
    return { state: "finished", detail: trained, ...bestOf(results, best?.name, best?.dev) };
  },

  async folds(path) {
    const folds = await inside(path), results = await read<FoldsResults>(path);
    const open = folds.filter(({ state }) => state !== "finished");
    const trained = `${folds.length - open.length} of ${count(folds.length, "fold")} trained`;
    if (!results || open.length) return { state: "stopped", detail: trained };
    const best = results.systems.find(({ name }) => name === results.best) ?? results.systems.at(-1);
    return { state: "finished", detail: trained, ...bestOf(results, best?.name, best?.dev) };
  },

  async cross(path) {
    const results = await read<{ cells: unknown[] }>(path);
    return results
      ? { state: "finished", detail: `${count(results.cells.length, "pair")} of corpora` }
      : { state: "stopped", detail: "before its results" };
  },

  async search(path) {
    const results = await read<SearchResults>(path), trials = existsSync(path) ? await inside(path) : [];
    if (!results) return { state: "stopped", detail: `${count(trials.length, "run")} so far` };
    const { winner, metric } = results, score = winner?.retrained?.mean ?? winner?.searched;
    return {
      state: "finished",
      detail: count(results.trials.length, "trial"),
      ...score !== undefined && { dev: { [metric]: score } },
      ...typeof winner?.values.method === "string" && { methods: [winner.values.method] },
    };
  },
};

/** Returns how far a run is. */
function stateOf(
  { last }: RunFolder,
  progress: Progress | undefined,
  isScored: boolean,
  planned: unknown,
): Told {
  const ofPlanned = typeof planned === "number" ? ` of ${planned}` : "";
  const epochs = progress && `epoch ${progress.epochs}${ofPlanned}`;
  if (isScored && (progress?.ended ?? true)) return { state: "finished", detail: epochs ?? "" };
  if (!progress && !existsSync(last)) {
    return { state: "stopped", detail: "its events are missing" };
  }
  if (progress?.ended) return { state: "stopped", detail: `${epochs}, before its results` };
  return { state: "stopped", detail: epochs ?? `epoch 0${ofPlanned}` };
}

/** Returns the ablations or runs directly inside a folder. */
async function inside(path: string): Promise<RunSummary[]> {
  const folders = readdirSync(path).map((name) => join(path, name)).filter((each) =>
    statSync(each, { throwIfNoEntry: false })?.isDirectory()
  );
  const found = await Promise.all(folders.map((each) => summaryOf(each)));
  return found.filter((each) => each !== undefined);
}

/** Reads the `results.json` of a folder, if it is there. */
async function read<T>(path: string): Promise<T | undefined> {
  const file = join(path, "results.json");
  return existsSync(file) ? await readJson(file) as T : undefined;
}

/** Returns the metrics that tables show, of one result. */
export const headlines = (scores: Scores): RunSummary["dev"] =>
  Object.fromEntries(
    headlineMetrics(targetOf(scores)).flatMap(({ id }) => {
      const value = (scores as unknown as Values)[id];
      return value === null || typeof value === "number" ? [[id, value]] : [];
    }),
  );

const targetOf = (scores: Scores): TargetKind => knownTarget(areClasses(scores) ? "class" : scores.target);

/** Returns the kind of target if it is one. */
function knownTarget(target: TargetKind): TargetKind {
  if (Object.hasOwn(KINDS, target)) return target;
  throw new TypeError(`'${target}' is no kind of target`);
}

/** Returns the means of the best recipe, which is named first. */
const bestOf = (
  { target = "class", systems }: Pick<AblationResults | FoldsResults, "target"> & {
    systems: readonly { name: string; control: boolean }[];
  },
  best: string | undefined,
  dev: Measured = {},
): Partial<Told> => ({
  target: knownTarget(target),
  dev: Object.fromEntries(
    headlineMetrics(target).flatMap(({ id }) => id in dev ? [[id, dev[id].mean]] : []),
  ),
  methods: [
    ...best === undefined ? [] : [best],
    ...systems.flatMap(({ name, control }) => control || name === best ? [] : [name]),
  ],
});

/** Returns the id of the main metric of a summary's target. */
export const mainOf = ({ target = "class" }: Pick<RunSummary, "target">): string => KINDS[target].headline;

function dataOf(kind: RunKind, config: Values): Pick<RunSummary, "data" | "protocol"> {
  if (kind === "cross") {
    const train = asList(config.train), test = asList(config.test);
    return { data: `${train.join(", ")} → ${(test.length ? test : train).join(", ")}` };
  }
  const { protocol, fold } = config, isDivided = typeof protocol === "string" && protocol !== "split";
  const part = fold === undefined ? "" : ` fold ${fold}`;
  return { ...pick(config, "data"), ...isDivided && { protocol: protocol + part } };
}

const methodsOf = (kind: RunKind, { method, methods }: Values): string[] =>
  kind === "run" || kind === "cross" || kind === "search"
    ? [typeof method === "string" ? method : []].flat()
    : Object.keys(asValues(methods));

/** Returns when a folder's training was started. */
async function startOf(kind: RunKind, path: string): Promise<string | undefined> {
  const { started } = await environmentIn(kind, path) ?? {};
  if (typeof started === "string" && !Number.isNaN(Date.parse(started))) return started;
  const file = [join(path, ABOUTS[kind]), path].find(existsSync);
  return file && statSync(file).mtime.toISOString();
}

/** Reads a JSON file that should hold an object. */
async function values(path: string): Promise<{ value: Values; fault?: string }> {
  try {
    const value = await readJson(path);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return { value: value as Values };
    }
    return { value: {}, fault: `${basename(path)} holds something else than options` };
  } catch (error) {
    return { value: {}, fault: reasonOf(error) };
  }
}

const asValues = (value: unknown): Values =>
  typeof value === "object" && value !== null ? value as Values : {};
const asList = (value: unknown): string[] => Array.isArray(value) ? value.map(String) : [];
const pick = (config: Values, key: "data" | "text" | "audio") =>
  typeof config[key] === "string" ? { [key]: config[key] } : {};

/** Returns why a file can't be read. An error that is not ours comes of content that is none of a run. */
const reasonOf = (error: unknown): string =>
  error instanceof TypeError ? "its results hold something else than a run's" : (error as Error).message;
