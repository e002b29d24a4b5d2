/** The report of several runs, from what their folders hold. Reads no data set and evaluates nothing. */
import { realpathSync } from "node:fs";
import { badInput, count } from "../../errors.ts";
import { type Split, SPLITS } from "../../data/mod.ts";
import { type TrainConfig, trainConfig } from "../../config/mod.ts";
import { configOf as savedConfig } from "../../model/mod.ts";
import { loadCheckpoint } from "../../train/mod.ts";
import type { Report, Section } from "../../plot/mod.ts";
import { runFolder } from "../run_folder.ts";
import { findRun } from "../runs/find.ts";
import { optionsIn, type Values } from "../runs/options.ts";
import type { RunSummary } from "../runs/summary.ts";
import { certaintySection } from "./certainty_section.ts";
import { dataSection } from "./data_section.ts";
import { errorsSection, mistakesIn, type SoundBudget } from "./errors.ts";
import { type Material, readMaterial } from "./material.ts";
import { pairRuns } from "./pairs.ts";
import { pairsSection } from "./pairs_section.ts";
import { commandsOf, environmentTables } from "./repeat_section.ts";
import { runReport } from "./run_report.ts";
import { classesSection, confusionSection, groupsSection } from "./answers_sections.ts";
import { curvesSection, optionsSection, scoresSection, type Shown, shownOn } from "./several_sections.ts";

/** Options of a report. */
export interface ReportOptions {
  /** Folder that holds the runs. Default: outputs. */
  out?: string;
  /** Embed recordings of errors. Default true. */
  sound?: boolean;
}

/** Most bytes of sound in a report: each recording, and all of them. */
const SOUND: Readonly<SoundBudget> = { each: 500_000, left: 4_000_000 };

/** Most errors that are shown of a run. */
const ERRORS = 5;

/**
 * Returns the report of one run or several, named as `listRuns` names them or by their paths. Throws
 * UndertoneError if a name is no run, or is given twice.
 */
export async function reportOf(
  names: readonly string[],
  { out = "outputs", sound = true }: ReportOptions = {},
): Promise<Report> {
  if (names.length === 0) {
    throw badInput({
      expected: "a run or several",
      found: "none",
      at: "the report",
      todo: "Name one: --run <name>.",
    });
  }
  const found = await Promise.all(names.map((name) => findRun(name, out)));
  requireRuns(found);
  const notes: string[] = [], options: Values[] = [], runs: Material[] = [];
  for (const summary of found) {
    const folder = runFolder(summary.path), values = await optionsIn(summary, notes);
    const isLost = Object.keys(values).length === 0; // then the checkpoint tells them
    const config = isLost ? savedConfig(await loadCheckpoint(folder.best), folder.best) : configOf(values);
    options.push(isLost ? { ...config } : values);
    runs.push(await readMaterial(folder, config, shortName(summary, found)));
  }
  const states = found.flatMap(({ state, detail }, i) =>
    state === "finished" ? [] : [`${runs[i].name} is ${state}${detail && ` (${detail})`}.`]
  );
  const budget = sound ? { ...SOUND } : { each: 0, left: 0 };
  const report = runs.length === 1
    ? await runReport(runs[0], budget)
    : await reportOfRuns(runs, options, budget);
  return { ...report, notes: [...report.notes ?? [], ...states, ...notes] };
}

async function reportOfRuns(
  runs: readonly Material[],
  options: readonly Values[],
  sound: SoundBudget,
): Promise<Report> {
  const splits = SPLITS.toReversed().filter((split) => shownOn(runs, split).length > 0);
  const [main] = splits.toSorted((a, b) => shownOn(runs, b).length - shownOn(runs, a).length);
  const shown = main ? shownOn(runs, main) : [], names = runs.map(({ name }) => name);
  const sections: Section[] = [
    ...splits.map((split) => scoresSection(shownOn(runs, split), split)),
    optionsSection(names, options),
    curvesSection(runs),
    ...splits.map((split) => pairRuns(runs, split)).map(pairsSection),
    ...main ? [...partsOn(shown, main), ...await mistakes(shown, main, sound)] : [],
    ...splits.map((split) => groupsSection(shownOn(runs, split), split)),
    ...dataSections(runs),
    repeatSections(runs),
  ];
  return {
    title: `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`,
    subtitle: `${count(runs.length, "run")}: ${
      [...new Set(runs.map(({ config }) => config.method))].join(", ")
    }, on ${[...new Set(runs.map(({ data, config }) => data?.name ?? config.data))].join(", ")}`,
    texts: main && shown.length < runs.length
      ? [
        `${main} is shown of the runs that have a result on it: ${
          shown.map(({ run }) => run.name).join(", ")
        }.`,
      ]
      : [],
    notes: runs.flatMap(({ name, lacks }) => lacks.map((lack) => `${name}: ${lack}`)),
    sections,
    details: Object.fromEntries(runs.map(({ name, config, environment }) => [name, { config, environment }])),
  };
}

/** Returns the sections that show the answers to one split. */
const partsOn = (shown: readonly Shown[], split: Split): Section[] => [
  confusionSection(shown, split),
  classesSection(shown, split),
  certaintySection(shown, split),
];

/** Returns a section on the errors that all runs share, and on those of each run. */
async function mistakes(shown: readonly Shown[], split: Split, sound: SoundBudget): Promise<Section[]> {
  const wrong = shown.flatMap(({ run, answered }) =>
    run.target === "class" && answered.rows.length > 0
      ? [new Set(mistakesIn(answered.rows, run.labels).map(({ row }) => row.id))]
      : []
  );
  if (wrong.length === 0) return [];
  const shared = wrong.reduce((a, b) => a.intersection(b));
  const sections: Section[] = [];
  for (const { run, answered } of shown) {
    const title = `Most confident errors of ${run.name} on ${split}`;
    sections.push(await errorsSection(run, answered, sound, { most: ERRORS, title }));
  }
  const [first, ...others] = sections;
  return [
    {
      ...first,
      texts: [
        `${count(shared.size, "row")} of ${split} ${shared.size === 1 ? "is" : "are"} wrong in all runs.`,
        ...first.texts ?? [],
      ],
    },
    ...others,
  ];
}

/** Returns a section for each data set. Runs with the same facts and rejected rows share one. */
function dataSections(runs: readonly Material[]): Section[] {
  const facts = ({ data, config, rejected }: Material) => JSON.stringify([data, config.data, rejected]);
  const groups = [...Map.groupBy(runs, facts).values()];
  return groups.map((alike) =>
    dataSection(
      alike[0],
      groups.length === 1 ? "Data" : `Data of ${alike.map(({ name }) => name).join(", ")}`,
    )
  );
}

function repeatSections(runs: readonly Material[]): Section {
  const each = runs.map((run) => commandsOf(run));
  return {
    title: "How to repeat it",
    texts: [...new Set(each.flatMap(({ texts = [] }) => texts))],
    commands: each.flatMap(({ commands = [] }) => commands),
    tables: environmentTables(runs),
  };
}

/** Returns the options as a configuration; what the folder does not say has its default. */
const configOf = (values: Values): TrainConfig => ({ ...trainConfig.parse({}), ...values } as TrainConfig);

/** Returns the folder's own name if no other run has it, else the path from the listed folder. */
function shortName({ name, path }: RunSummary, all: readonly RunSummary[]): string {
  const short = runFolder(path).name;
  return all.filter((other) => runFolder(other.path).name === short).length === 1 ? short : name;
}

function requireRuns(found: readonly RunSummary[]): void {
  const other = found.find(({ kind }) => kind !== "run");
  if (other) {
    throw badInput({
      expected: "runs",
      found: `'${other.name}', which holds several runs and has a report of its own`,
      at: other.path,
      todo: "Name runs inside it, which 'deno task runs list --cells' lists, or open its report.html.",
    });
  }
  const folders = found.map(({ path }) => realpathSync(path));
  const twice = found.find((_, i) => folders.indexOf(folders[i]) !== i);
  if (twice) {
    throw badInput({
      expected: "each run once",
      found: `'${twice.name}' twice`,
      at: "--run",
      todo: "Leave one out.",
    });
  }
}
