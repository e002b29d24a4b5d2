/** Writes figures and pages as files, with plotly.js beside them. */
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { badInput } from "../errors.ts";
import { writeFileAtomic } from "../files/mod.ts";
import { type Figure, GENERATOR, plotlySource, png, type Report, reportHtml } from "../plot/mod.ts";

const PLOTLY = "plotly.min.js";

/** Writes a page to `path`. It needs no network. */
export async function writePage(path: string, report: Report): Promise<void> {
  const plotly = join(dirname(path), PLOTLY);
  if (!existsSync(plotly)) await writeFileAtomic(plotly, await plotlySource());
  await writeFileAtomic(path, reportHtml(report, { src: PLOTLY }));
}

/** Returns whether a file is a page of ours. */
export async function isPage(path: string): Promise<boolean> {
  const text = await Deno.readTextFile(path).catch(() => "");
  return text.slice(0, 1000).includes(GENERATOR);
}

/**
 * Throws UndertoneError unless a page may be written to `path`: its name ends in .html, and it is new or a
 * page of ours. `flag` is the option that gave the path.
 */
export async function requirePagePath(path: string, flag: string): Promise<void> {
  if (!/\.html?$/i.test(path)) {
    throw badInput({
      expected: "a page, whose name ends in .html",
      found: basename(path),
      at: path,
      todo: `Write ${path}.html.`,
    });
  }
  if (existsSync(path) && !await isPage(path)) throw notOurs(path, flag);
}

/** Returns the error for something else than a page or report of ours in its place. */
export const notOurs = (at: string, flag: string) =>
  badInput({
    expected: "a new path, or an earlier page of Undertone to replace",
    found: "something else",
    at,
    todo: `Choose another path with ${flag}.`,
  });

/** Writes a figure as SVG, PNG and an interactive page: `<folder>/<name>.{svg,png,html}`. */
export async function writeFigure(folder: string, name: string, figure: Figure): Promise<void> {
  const at = (extension: string) => join(folder, `${name}.${extension}`);
  await Promise.all([
    writeFileAtomic(at("svg"), figure.svg),
    png(figure.svg).then((bytes) => writeFileAtomic(at("png"), bytes)),
    writePage(at("html"), { title: figure.title, figures: [figure] }),
  ]);
}
