/** Writes the report of runs: one HTML page that holds everything, and Markdown with its figures beside it. */
import { basename, dirname, join } from "node:path";
import { badInput } from "../../errors.ts";
import { requireWritable, writeFileAtomic } from "../../files/mod.ts";
import { fromProject } from "../../paths.ts";
import { plotlySource, reportHtml, reportMarkdown } from "../../plot/mod.ts";
import { reportOf, type ReportOptions } from "./several.ts";

/** The files of a report. */
export interface WrittenReport {
  /** The page. It needs no other file and no network. */
  html: string;
  /** The same as Markdown. */
  markdown: string;
  /** The folder of the figures that the Markdown shows. */
  figures: string;
  /** What the report notes at its top. */
  notes: string[];
}

/** Where a report is written, beside what it shows. */
export interface WriteReportOptions extends ReportOptions {
  /** Path of the page, which ends in `.html`. Default: `report.html` in the folder of the runs. */
  to?: string;
}

/**
 * Writes the report of one run or several: `report.html`, `report.md`, and `report-figures` with the figures
 * of the latter. Reads what the runs keep, and no data set: a split that was not evaluated is not read.
 * Throws UndertoneError if a name is no run, or the folder can't be written.
 *
 * @example
 * ```ts
 * import { configure, trainRun, writeRunsReport } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * for (const seed of [1, 2]) {
 *   const name = `seed-${seed}`;
 *   await Array.fromAsync(trainRun(configure({ method: "text_only", epochs: 1, seed, name, out })));
 * }
 * const { html } = await writeRunsReport(["seed-1", "seed-2"], { out });
 * ```
 */
export async function writeRunsReport(
  names: readonly string[],
  { to, ...options }: WriteReportOptions = {},
): Promise<WrittenReport> {
  const html = to === undefined
    ? join(fromProject(options.out ?? "outputs"), "report.html")
    : fromProject(to);
  if (!/\.html?$/i.test(html)) {
    throw badInput({
      expected: "a page, whose name ends in .html",
      found: basename(html),
      at: html,
      todo: `Write ${html}.html. The Markdown is written beside it.`,
    });
  }
  const report = await reportOf(names, options);
  const stem = basename(html).replace(/\.html?$/i, ""), folder = `${stem}-figures`;
  await requireWritable(dirname(html));
  const { text, figures } = reportMarkdown(report, folder);
  await writeFileAtomic(html, reportHtml(report, { source: await plotlySource() }));
  const markdown = join(dirname(html), `${stem}.md`), drawings = join(dirname(html), folder);
  await Deno.remove(drawings, { recursive: true }).catch(() => {}); // those of a report before
  for (const [name, svg] of Object.entries(figures)) await writeFileAtomic(join(drawings, name), svg);
  await writeFileAtomic(markdown, text);
  return { html, markdown, figures: drawings, notes: [...report.notes ?? []] };
}
