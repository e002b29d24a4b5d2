/** Writes the files of a search: results, trials, the winner's configurations, the figure and the page. */
import { join } from "node:path";
import { type SearchConfig, trainConfig } from "../../config/mod.ts";
import { csvText, writeFileAtomic, writeJsonAtomic } from "../../files/mod.ts";
import { writeFigure, writePage } from "../pages.ts";
import { environment } from "../environment.ts";
import { searchPage } from "./page.ts";
import { searchFigure } from "./report.ts";
import type { SearchResults } from "./results.ts";
import { shownValue } from "./domain.ts";
import { type Space, trialConfig, type Values } from "./space.ts";

/** File with the winner as a configuration of a training, and as one of an ablation. */
export const WINNER = "winner.json", WINNER_ABLATION = "winner.ablation.json";

/**
 * Writes `results.json`, `trials.csv`, `winner.json`, `winner.ablation.json`, the figure and
 * `report.html`.
 */
export async function writeSearch(
  folder: string,
  results: SearchResults,
  { config, space }: { config: SearchConfig; space: Space },
): Promise<void> {
  await writeJsonAtomic(join(folder, "results.json"), results);
  const keys = space.parameters.map(({ key }) => key);
  await writeFileAtomic(
    join(folder, "trials.csv"),
    csvText([
      ["trial", ...keys, "epochs", results.metric, "failed"],
      ...results.trials.map(({ number, values, epochs, score, failed }) => [
        number,
        ...keys.map((key) => key in values ? shownValue(values[key]) : ""),
        epochs,
        score ?? "",
        failed ?? "",
      ]),
    ]),
  );
  if (results.winner) {
    const { train, ablation } = winnerConfigs(config, results.winner.values);
    await writeJsonAtomic(join(folder, WINNER), train);
    await writeJsonAtomic(join(folder, WINNER_ABLATION), ablation);
  }
  const figure = searchFigure(results, space);
  if (figure) await writeFigure(folder, "trials", figure);
  await writePage(
    join(folder, "report.html"),
    searchPage(folder, results, space, { config, environment: environment() }, figure),
  );
}

/**
 * Returns the winner as a configuration of `train`, and of `ablate` with fresh seeds. Both hold only what
 * differs from the defaults, and no places for results.
 */
export function winnerConfigs(config: SearchConfig, values: Values) {
  const { out: _o, cache: _c, threads: _t, ...whole } = trialConfig(config, values);
  const defaults = trainConfig.parse({}) as unknown as Record<string, unknown>;
  const own = Object.fromEntries(
    Object.entries(whole).filter(([key, value]) =>
      key === "method" || (value !== undefined && JSON.stringify(value) !== JSON.stringify(defaults[key]))
    ),
  );
  const { method, options, seed: _s, ...common } = own;
  const searched = Object.keys(values).filter((key) => key !== "method" && !key.startsWith("options."))
    .map((key) => key.split(".")[0]);
  const recipe = Object.fromEntries(Object.entries(common).filter(([key]) => searched.includes(key)));
  const shared = Object.fromEntries(Object.entries(common).filter(([key]) => !searched.includes(key)));
  const fresh = Array.from({ length: Math.max(1, config.retrain) }, (_, i) => config.seed + 1 + i);
  return {
    train: own,
    ablation: {
      ...shared,
      seeds: fresh,
      methods: { winner: { method, ...options !== undefined && { options }, ...recipe } },
    },
  };
}
