/** What stands under a heading of a report: sentences, warnings, tables, recordings, figures and commands. */
import { type Clip, clipsHtml } from "./clips.ts";
import type { Figure } from "./figure.ts";
import { figureHtml } from "./interactive.ts";
import { escape } from "./svg.ts";
import { type Table, tableHtml } from "./table.ts";

/** The content of a report or of a section, shown in this order. */
export interface Content {
  /** Sentences. */
  texts?: readonly string[];
  /** A list of short facts. */
  items?: readonly string[];
  /** Warnings, each in a box: "surrogate data", "12 rows left out". */
  notes?: readonly string[];
  /** Commands to copy. */
  commands?: readonly string[];
  /** Tables, side by side where there is room. */
  tables?: readonly Table[];
  /** Figures, one below the other. */
  figures?: readonly Figure[];
  /** Figures side by side where there is room. */
  beside?: readonly Figure[];
  /** Rows with their text and recording. */
  clips?: readonly Clip[];
}

/** A part of a report with a heading. */
export interface Section extends Content {
  /** The heading. */
  title: string;
}

/** Returns whether there is anything to show. */
export const hasContent = (content: Content): boolean =>
  [
    content.texts,
    content.notes,
    content.items,
    content.commands,
    content.tables,
    content.figures,
    content.beside,
    content.clips,
  ]
    .some((part) => part?.length);

/** Returns the HTML of a content. */
export const contentHtml = (
  { texts, notes, items, commands, tables, figures, beside, clips }: Content,
): string =>
  [
    ...(texts ?? []).map((text) => `<p>${escape(text)}</p>`),
    ...(notes ?? []).map((note) => `<p class="note">${escape(note)}</p>`),
    items?.length ? `<ul>${items.map((item) => `<li>${escape(item)}</li>`).join("")}</ul>` : "",
    ...(commands ?? []).map((command) => scroll("command", `<pre><code>${escape(command)}</code></pre>`)),
    tables?.length
      ? `<div class="tables">${
        tables.map((table) => `<div class="card">${scroll(nameOf(table), tableHtml(table))}</div>`).join("")
      }</div>`
      : "",
    ...(figures ?? []).map(figureCard),
    beside?.length ? `<div class="beside">${beside.map(figureCard).join("")}</div>` : "",
    clips?.length ? clipsHtml(clips) : "",
  ].filter(Boolean).join("\n");

const figureCard = (figure: Figure): string => `<div class="card">${figureHtml(figure)}</div>`;

/** Returns the HTML of a section. Its heading has the `id`, to which the page's contents link. */
export const sectionHtml = (section: Section, id: string): string =>
  `<section aria-labelledby="${id}">\n<h2 id="${id}">${escape(section.title)}</h2>\n${
    contentHtml(section)
  }\n</section>`;

/** Returns an area that scrolls sideways if its content is too wide, by keyboard too, and says so then. */
export const scroll = (label: string, html: string): string =>
  `<div class="scroll" role="region" aria-label="${escape(label)}" tabindex="0">${html}</div>` +
  `<p class="hint" aria-hidden="true">There is more: scroll sideways →</p>`;

const nameOf = ({ title, columns }: Table): string =>
  title ??
    `table of ${columns.map((column) => typeof column === "string" ? column : column.name).join(", ")}`;
