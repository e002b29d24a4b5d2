/** Redraws a figure in a notebook while a job runs. Other cells can run meanwhile. */
import type { Figure } from "./figure.ts";
import { DISPLAY, show } from "./show.ts";
import type { Table } from "./table.ts";

/** The function of `Deno.jupyter` that is used here. */
export type Display = (
  bundle: unknown,
  options: { raw: true; display_id: string; update: boolean },
) => Promise<void>;

/** Options for redrawing. */
export interface LiveOptions {
  /** The function that displays the figure. Default: the notebook's own. */
  display?: Display;
  /** Minimum time between two drawings, in ms. Default 1000. */
  pause?: number;
}

/** Time between two drawings, in ms. */
const PAUSE = 1000;

/**
 * Shows what `draw` returns for a job's events so far. Redraws at most once a second, and once more at the
 * end. If the job fails, its message replaces the figure. Resolves after the first drawing and continues in
 * the background. Needs a notebook.
 *
 * @example
 * ```ts
 * import { background, configure, live, trainingCurves, trainRun } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const config = configure({ method: "text_only", epochs: 1, name: "first", out });
 * const job = background((signal) => trainRun(config, { signal }));
 * const display = () => Promise.resolve(); // leave it out in a notebook, which has one
 * await live(job, trainingCurves, { display });
 * await job.done;
 * ```
 */
export async function live<Event>(
  job: AsyncIterable<Event>,
  draw: (events: readonly Event[]) => Figure | Table,
  { display = Deno.jupyter.display as Display, pause = PAUSE }: LiveOptions = {},
): Promise<void> {
  const events: Event[] = [], display_id = crypto.randomUUID();
  let last = performance.now();
  const put = (bundle: unknown, update: boolean) => display(bundle, { raw: true, display_id, update });
  const redraw = async () => {
    await put(await show(draw(events))[DISPLAY](), true);
    last = performance.now();
  };
  const follow = async () => {
    for await (const event of job) {
      events.push(event);
      if (performance.now() - last >= pause) await redraw();
    }
    await redraw();
  };
  await put(await show(draw(events))[DISPLAY](), false);
  follow().catch((error) =>
    put({ "text/plain": `Failed: ${error instanceof Error ? error.message : error}` }, true)
  );
}
