/** Writes the report of runs: one HTML page that holds everything, and Markdown with figures beside it. */
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { requireWritable, writeFileAtomic } from "../../files/mod.ts";
import { fromProject } from "../../paths.ts";
import { plotlySource, reportHtml, reportMarkdown } from "../../plot/mod.ts";
import { notOurs, requirePagePath } from "../pages.ts";
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

/** The last line of the Markdown, which no reader sees. */
const MARK = "\n<!-- deno task report wrote this file -->\n";

/**
 * Throws UndertoneError if a file or folder is in the place of a report, and is not of an earlier one: that
 * has its page, its Markdown and its drawings together.
 */
async function requireReplaceable(html: string, markdown: string, drawings: string): Promise<void> {
  await requirePagePath(html, "--to");
  const page = existsSync(html),
    text = existsSync(markdown) && await Deno.readTextFile(markdown).catch(() => "");
  const words = text !== false, isOurText = words && text.endsWith(MARK);
  const isReport = page && words, drawn = await namesIn(drawings);
  if (page && !words) throw notOurs(html, "--to"); // the own page of a run or of an ablation
  if (words && !(page && isOurText)) throw notOurs(markdown, "--to");
  if (drawn.some((name) => !isReport || !name.endsWith(".svg"))) throw notOurs(drawings, "--to");
}

/** Returns the names in a folder; of a file, its own. */
async function namesIn(path: string): Promise<string[]> {
  if (!existsSync(path)) return [];
  if (!(await Deno.stat(path)).isDirectory) return [path];
  return (await Array.fromAsync(Deno.readDir(path))).map(({ name }) => name);
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
  const stem = basename(html).replace(/\.html?$/i, ""), folder = `${stem}-figures`;
  const markdown = join(dirname(html), `${stem}.md`), drawings = join(dirname(html), folder);
  await requireReplaceable(html, markdown, drawings);
  const report = await reportOf(names, options);
  await requireWritable(dirname(html));
  const { text, figures } = reportMarkdown(report, folder);
  await writeFileAtomic(html, reportHtml(report, { source: await plotlySource() }));
  await Deno.remove(drawings, { recursive: true }).catch(() => {}); // those of a report before
  for (const [name, svg] of Object.entries(figures)) await writeFileAtomic(join(drawings, name), svg);
  await writeFileAtomic(markdown, text + MARK);
  return { html, markdown, figures: drawings, notes: [...report.notes ?? []] };
}
