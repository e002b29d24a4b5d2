/** A live table of an ablation. */
import { spread } from "../../eval/mod.ts";
import type { Table } from "../../plot/mod.ts";
import type { AblateEvent } from "./ablate.ts";

/**
 * Returns a table of weighted F1 on dev in percent, per recipe and seed, with the mean over the seeds so far.
 * Cells without a result are empty.
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
  const { cells, dataset } = planned;
  const scores = new Map(
    events.flatMap((event) =>
      event.type === "trained" ? [[event.cell.id, event.dev.weighted_f1] as const] : []
    ),
  );
  const seeds = [...new Set(cells.map(({ seed }) => seed))];
  return {
    title: `${dataset.name}: weighted F1 on dev (%), ${scores.size} of ${cells.length} trained`,
    columns: [
      "",
      ...[...seeds.map((seed) => `seed ${seed}`), "mean"].map((name) => ({
        name,
        percent: true,
        align: "right" as const,
      })),
    ],
    rows: [...Map.groupBy(cells, ({ recipe }) => recipe)].map(([recipe, row]) => {
      const known = row.flatMap(({ id }) => scores.get(id) ?? []);
      return [
        recipe,
        ...row.map(({ id }) => scores.get(id) ?? null),
        known.length > 0 ? spread(known).mean : null,
      ];
    }),
  };
}
