/** Writes a report as Markdown, with its figures as SVG files beside it. */
import { mdBlock, mdCode, mdLink, mdList, mdTable, mdText, wrapped } from "../markdown.ts";
import { adaptive } from "./dark.ts";
import type { Clip } from "./clips.ts";
import type { Figure } from "./figure.ts";
import { type Report, sectionsOf } from "./report.ts";
import type { Content } from "./section.ts";
import { cellsOf, type Table } from "./table.ts";

/** A report as Markdown, and the files that it shows. */
export interface MarkdownReport {
  text: string;
  /**
   * SVG drawings by name; the text names them with `folder` before. They follow the viewer's light or
   * dark.
   */
  figures: Record<string, string>;
}

/** Returns a report as Markdown. `folder` is the path, from the text, of the folder of its figures. */
export function reportMarkdown(report: Report, folder: string): MarkdownReport {
  const figures: Record<string, string> = {};
  const draw = (figure: Figure): string => {
    const name = `${String(Object.keys(figures).length + 1).padStart(2, "0")}-${slug(figure.title)}.svg`;
    figures[name] = adaptive(figure.svg);
    return `!${mdLink(figure.title, `${folder}/${name}`)}`;
  };
  const { title, subtitle, facts = {}, texts, notes, items, ...rest } = report;
  const parts = [
    `# ${mdText(title)}`,
    ...subtitle ? [wrapped(mdText(subtitle))] : [],
    ...contentParts({ texts, notes, items }, draw),
    ...Object.keys(facts).length > 0
      ? [mdList(Object.entries(facts).map(([name, value]) => `${mdText(name)}: **${mdText(value)}**`))]
      : [],
    ...contentParts(rest, draw),
    ...sectionsOf(report).flatMap((section) => [
      `## ${mdText(section.title)}`,
      ...contentParts(section, draw),
    ]),
  ];
  return { text: parts.join("\n\n") + "\n", figures };
}

function contentParts(content: Content, draw: (figure: Figure) => string): string[] {
  const {
    texts = [],
    notes = [],
    items = [],
    commands = [],
    tables = [],
    figures = [],
    beside = [],
    clips = [],
  } = content;
  return [
    ...texts.map((text) => wrapped(mdText(text))),
    ...notes.map((note) => `> ${wrapped(`**Note:** ${mdText(note)}`, { indent: "> " })}`),
    ...items.length > 0 ? [mdList(items.map(mdText))] : [],
    ...commands.map((command) => mdBlock(command, "sh")),
    ...tables.map(tableMarkdown),
    ...[...figures, ...beside].map(draw),
    ...clips.length > 0 ? [mdList(clips.map(clipMarkdown))] : [],
  ];
}

/** Returns a table with its title above. Strong rows are bold; a cell with a link is one. */
function tableMarkdown(table: Table): string {
  const { names, align, rows } = cellsOf(table);
  const cells = rows.map((row, r) =>
    row.map((text, c) => {
      const value = table.rows[r][c], shown = mdText(text);
      if (typeof value === "object" && value !== null) return mdLink(text, value.href);
      return table.strong?.includes(r) && shown ? `**${shown}**` : shown;
    })
  );
  const body = mdTable(names.map(mdText), cells, align);
  return table.title ? `**${mdText(table.title)}**\n\n${body}` : body;
}

const clipMarkdown = ({ title, text, audio }: Clip): string =>
  [`**${mdText(title)}**`, text ? `“${mdText(text)}”` : "", audio ? mdCode(audio.path) : ""]
    .filter(Boolean).join(" ");

const slug = (title: string): string =>
  title.split(":")[0].toLowerCase().normalize("NFKD").replaceAll(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "")
    .slice(0, 48) || "figure";
