/** A picture in a notebook that is drawn anew while what it shows goes on; other cells run meanwhile. */
import type { Figure } from "./figure.ts";
import { DISPLAY, show } from "./show.ts";
import type { Table } from "./table.ts";

/** The part of `Deno.jupyter` that is needed here. */
export type Display = (
  bundle: unknown,
  options: { raw: true; display_id: string; update: boolean },
) => Promise<void>;

/** How a picture is redrawn. */
export interface LiveOptions {
  /** What shows it; the notebook's own where absent. */
  display?: Display;
  /** Least time between two drawings, in ms. */
  pause?: number;
}

/** Time between two drawings, in ms. */
const PAUSE = 1000;

/**
 * Shows what `draw` makes of a job's events so far, anew at most once a second and once more at the end; a failure takes
 * the picture's place. Resolves when the first is shown and goes on behind the cells that follow. In a notebook only.
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
