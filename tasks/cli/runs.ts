/** Shows lists and comparisons of runs in a terminal. */
import { basename, sep } from "node:path";
import { formatted, metricNamed } from "../../lib/eval/mod.ts";
import {
  mainOf,
  type RunComparison,
  type RunDifference,
  type RunList,
  type RunSummary,
} from "../../lib/jobs/mod.ts";
import { tableText } from "../../lib/plot/mod.ts";
import { typed } from "./show.ts";

/** Formats bytes: 512 B, 3.4 kB, 12.0 MB, 1.2 GB. */
export function sized(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"], of = (n: number) => bytes / 1000 ** n;
  const unit = Math.max(0, units.findIndex((_, n) => of(n + 1) < 0.99995));
  return `${unit ? of(unit).toFixed(1) : bytes} ${units[unit]}`;
}

/** Formats the time since then: 5 min, 3 h, 12 d. */
export function aged(started: string | undefined, now: number): string {
  if (started === undefined) return "–";
  const minutes = Math.max(0, (now - Date.parse(started)) / 60_000);
  if (minutes < 60) return `${Math.floor(minutes)} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} d`;
}

/** Metrics with a column of their own. */
const COLUMNS = ["weighted_f1", "balanced_accuracy", "macro_f1"];

/** Formats a list as a table, followed by what is broken, and the sum. */
export function runsText(
  { runs, others }: RunList,
  { out, filter = "" }: { out: string; filter?: string },
  now = Date.now(),
): string {
  const hasOther = runs.some((run) => otherMetric(run) !== null);
  const percent = { percent: true, align: "right" as const };
  const table = tableText(
    {
      columns: [
        { name: "", width: 34 },
        "kind",
        { name: "data", width: 24 },
        { name: "method", width: 24 },
        ...["weighted F1", "UA", "macro F1"].map((name) => ({ name, ...percent })),
        ...hasOther ? [{ name: "other", align: "right" as const }] : [],
        { name: "state", width: 36 },
        { name: "age", align: "right" },
        { name: "size", align: "right" },
      ],
      rows: runs.map((run) => [
        run.name,
        run.kind,
        dataOf(run),
        methodOf(run),
        ...COLUMNS.map((id) => run.dev[id] ?? null),
        ...hasOther ? [otherMetric(run)] : [],
        stateOf(run),
        aged(run.started, now),
        sized(run.bytes),
      ]),
    },
    undefined,
    Deno.stdout.isTerminal() ? undefined : Infinity,
  );
  const outer = runs.filter(({ name }) => !runs.some((other) => name.startsWith(other.name + sep)));
  const total = sized(outer.reduce((sum, { bytes }) => sum + bytes, 0));
  const broken = runs.filter(({ state }) => state === "broken");
  return [
    ...runs.length ? [table] : [],
    ...broken.map(({ name, detail }) => `broken: ${name}: ${detail}`),
    runs.length
      ? `${runs.length} listed, ${total}. Metrics are on dev, in percent. Disk use: ${typed("runs disk")}`
      : `No runs${filter && ` with '${filter}'`} in ${out}. To train one: ${typed("train")}`,
    ...others.length ? [`Other folders there: ${others.join(", ")}`] : [],
  ].join("\n");
}

function dataOf({ data = "–", protocol }: RunSummary): string {
  const sides = data.split(" → ").map((side) => side.split(", ").map((path) => basename(path)).join(", "));
  return [sides.join(" → "), protocol ?? []].flat().join(", ");
}

const methodOf = ({ methods, kind }: RunSummary): string =>
  kind === "run" || methods.length < 2 ? methods[0] ?? "–" : `${methods[0]} of ${methods.length}`;

function stateOf({ state, detail }: RunSummary): string {
  return state === "finished" || state === "broken" || !detail ? state : `${state}, ${detail}`;
}

/** Formats the main metric of a kind of target that has no column. */
function otherMetric(run: RunSummary): string | null {
  const id = mainOf(run), value = run.dev[id];
  if (COLUMNS.includes(id) || value === undefined) return null;
  const metric = metricNamed(id, "the result");
  return `${metric.label} ${formatted(metric, value)}`;
}

/** Formats a comparison: options, environment and results that differ, then notes. */
export function comparisonText({ a, b, config, environment, results, notes }: RunComparison): string {
  const names = [a.name, b.name].map((name) => ({ name, width: 44 }));
  const differences = (title: string, found: readonly RunDifference[]) =>
    found.length
      ? tableText({
        title,
        columns: ["", ...names],
        rows: found.map((each) => [each.key, said(each, "a"), said(each, "b")]),
      })
      : `${title}: the same\n`;
  const right = names.map((column) => ({ ...column, align: "right" as const }));
  return [
    differences("Options", config),
    differences("Environment and code", environment),
    results.length
      ? tableText({
        title: "Results",
        columns: ["", ...right, { name: "second − first", align: "right" }],
        rows: results.map(({ of, split, metric: id, a, b, delta }) => {
          const metric = metricNamed(id, "the results");
          const value = (each?: number | null) => each === undefined ? "–" : formatted(metric, each);
          const unit = metric.percent === false ? "" : " points";
          const change = delta === undefined
            ? "–"
            : (delta < 0 ? "" : "+") + formatted(metric, delta).replace(" %", unit);
          return [[of, metric.label, "on", split].filter(Boolean).join(" "), value(a), value(b), change];
        }),
      })
      : "Results: none yet\n",
    ...notes.map((note) => `note: ${note}`),
  ].join("\n").trimEnd();
}

const said = (difference: RunDifference, side: "a" | "b"): string => {
  if (!(side in difference)) return "–";
  const value = difference[side];
  return typeof value === "string" ? value : JSON.stringify(value);
};
