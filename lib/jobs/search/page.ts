/** The page of a search: the winner, the trials, how much options mattered, and what to do next. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { commandLine } from "../../config/mod.ts";
import { count } from "../../errors.ts";
import type { Figure, Report } from "../../plot/mod.ts";
import {
  IMPORTANCE_LIMITS,
  importanceTable,
  metricOf,
  searchTable,
  shownScore,
  winnerText,
} from "./report.ts";
import type { SearchResults } from "./results.ts";
import type { Space } from "./space.ts";

/** How each strategy chooses trials. */
const STRATEGY_TEXTS = {
  random: "Trials are drawn at random.",
  tpe: "The first 10 trials are drawn at random, the others by a tree-structured Parzen estimator.",
  asha:
    "Trials are drawn at random, and only the best of each rung train on (asynchronous successive halving).",
} as const;

/** Returns the page of a search in `folder`, which holds its runs. */
export function searchPage(
  folder: string,
  results: SearchResults,
  { notes }: Space,
  details: Record<string, unknown>,
  figure?: Figure,
): Report {
  const { data, strategy, trials, rows, rungs, winner } = results, metric = metricOf(results);
  const unit = metric.percent ?? true ? " %" : "",
    failed = trials.filter(({ failed }) => failed !== undefined);
  return {
    title: `Search on ${data}`,
    subtitle: `${count(trials.length, "trial")}, ${strategy}, seed ${results.seed}`,
    texts: [
      winnerText(results),
      `Trials are compared on the dev split (${
        count(rows, "row")
      }), which also chose the epoch of each. Test was ` +
      "not read.",
    ],
    facts: winner && {
      "best trial": String(winner.number),
      [`its ${metric.label} in the search`]: shownScore(metric, winner.searched) + unit,
      ...winner.retrained && {
        "with fresh seeds": shownScore(metric, winner.retrained.mean) + unit,
      },
    },
    sections: [
      {
        title: "Options",
        texts: [
          STRATEGY_TEXTS[strategy],
          ...rungs ? [`Rungs end after ${rungs.join(", ")} ${rungs.at(-1) === 1 ? "epoch" : "epochs"}.`] : [],
        ],
        items: [...notes],
        figures: figure ? [figure] : [],
        tables: [importanceTable(results)],
      },
      { title: "What the measures mean", texts: [IMPORTANCE_LIMITS] },
      {
        title: "Trials",
        notes: failed.map(({ number, failed }) => `Trial ${number} failed. ${failed}`),
        tables: [linked(folder, results)],
      },
      {
        title: "What to do next",
        texts: [
          "Read test once, with the fresh seeds and beside the controls; or train the winner once more.",
        ],
        commands: [
          commandLine("ablate", [`--config=${join(folder, "winner.ablation.json")}`]),
          commandLine("train", [`--config=${join(folder, "winner.json")}`]),
        ],
      },
    ],
    details,
  };
}

/** Returns the table of trials, with links to their reports where they have one. */
function linked(folder: string, results: SearchResults) {
  const table = searchTable(results);
  return {
    ...table,
    rows: table.rows.map(([number, ...cells]) => {
      const href = `trial-${number}/report.html`;
      return [existsSync(join(folder, href)) ? { text: String(number), href } : number, ...cells];
    }),
  };
}
