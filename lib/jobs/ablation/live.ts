/** A live table of an ablation. */
import { metricValue, spread } from "../../eval/mod.ts";
import type { Table } from "../../plot/mod.ts";
import type { AblateEvent } from "./ablate.ts";
import { headlineIn } from "./table.ts";

/**
 * Returns a table of weighted F1 on dev in percent (or of the main metric of another kind of target), per
 * recipe and seed, with the mean over the seeds so far and the options in which recipes differ. Cells without
 * a result are empty.
 *
 * @example
 * ```ts
 * import { ablate, ablationSoFar, configureAblation, show } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const methods = { text_only: {} };
 * const config = configureAblation({ methods, seeds: [1], audio: "none", epochs: 1, out });
 * const events = await Array.fromAsync(ablate(config));
 * show(ablationSoFar(events)); // in a notebook: live(job, ablationSoFar)
 * ```
 */
export function ablationSoFar(events: readonly AblateEvent[]): Table {
  const planned = events.find((event) => event.type === "planned");
  if (!planned) return { columns: ["preparing"], rows: [] };
  const { cells, dataset } = planned, metric = headlineIn(dataset.target);
  const scores = new Map(
    events.flatMap((event) =>
      event.type === "trained" ? [[event.cell.id, metricValue(event.dev, metric.id) ?? null] as const] : []
    ),
  );
  const { percent: isShare = true } = metric;
  const seeds = [...new Set(cells.map(({ seed }) => seed))], differ = cells.some(({ differs }) => differs);
  return {
    title: `${dataset.name}: ${metric.label} on dev${
      isShare ? " (%)" : ""
    }, ${scores.size} of ${cells.length} trained`,
    columns: [
      "",
      ...[...seeds.map((seed) => `seed ${seed}`), "mean"].map((name) => ({
        name,
        ...isShare ? { percent: true } : { digits: 3 },
        align: "right" as const,
      })),
      ...differ ? [{ name: "options", width: 60 }] : [],
    ],
    rows: [...Map.groupBy(cells, ({ recipe }) => recipe)].map(([recipe, row]) => {
      const known = row.flatMap(({ id }) => scores.get(id) ?? []);
      return [
        recipe,
        ...row.map(({ id }) => scores.get(id) ?? null),
        known.length > 0 ? spread(known).mean : null,
        ...differ ? [row[0].differs ?? ""] : [],
      ];
    }),
  };
}
