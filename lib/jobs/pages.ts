/** Writes figures and pages as files, with plotly.js beside them. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeFileAtomic } from "../files/mod.ts";
import { type Figure, plotlySource, png, type Report, reportHtml } from "../plot/mod.ts";

const PLOTLY = "plotly.min.js";

/** Writes a page to `path`. It needs no network. */
export async function writePage(path: string, report: Report): Promise<void> {
  const plotly = join(dirname(path), PLOTLY);
  if (!existsSync(plotly)) await writeFileAtomic(plotly, await plotlySource());
  await writeFileAtomic(path, reportHtml(report, { src: PLOTLY }));
}

/** Writes a figure as SVG, PNG and an interactive page: `<folder>/<name>.{svg,png,html}`. */
export async function writeFigure(folder: string, name: string, figure: Figure): Promise<void> {
  const at = (extension: string) => join(folder, `${name}.${extension}`);
  await writeFileAtomic(at("svg"), figure.svg);
  await writeFileAtomic(at("png"), await png(figure.svg));
  await writePage(at("html"), { title: figure.title, figures: [figure] });
}
