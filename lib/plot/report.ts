/** Writes a report as one HTML page that needs no network. */
import { FIGURE_CSS, interactiveHtml, type Plotly } from "./interactive.ts";
import { CSS, HINTS } from "./page_style.ts";
import { type Content, contentHtml, hasContent, scroll, type Section, sectionHtml } from "./section.ts";
import { escape } from "./svg.ts";

/** A report: what is told first, then sections with headings. */
export interface Report extends Content {
  /** Heading of the page. */
  title: string;
  /** One line under the title: data, method, date. */
  subtitle?: string;
  /** Headline values: `{"weighted F1": "69.3 %"}`. */
  facts?: Readonly<Record<string, string>>;
  /** Parts with headings. Those without content are left out. */
  sections?: readonly Section[];
  /** Details shown folded, as JSON: `{config, environment}`. */
  details?: Readonly<Record<string, unknown>>;
}

/** From so many sections on, a page begins with links to them. */
const MANY = 4;

/** Returns the sections that have content. */
export const sectionsOf = ({ sections = [] }: Report): Section[] => sections.filter(hasContent);

/** Returns the page. Figures are SVG and become interactive if plotly.js runs. */
export function reportHtml(report: Report, plotly?: Plotly): string {
  const { title, subtitle, facts = {}, details = {} } = report, sections = sectionsOf(report);
  const { texts, notes, ...rest } = report;
  const body = [
    `<header><h1>${escape(title)}</h1>${subtitle ? `<p class="muted">${escape(subtitle)}</p>` : ""}</header>`,
    contentHtml({ texts, notes }),
    Object.keys(facts).length > 0 ? factsHtml(facts) : "",
    sections.length >= MANY ? contentsHtml(sections) : "",
    contentHtml(rest),
    ...sections.map((section, i) => sectionHtml(section, idOf(i))),
    Object.keys(details).length > 0 ? detailsHtml(details) : "",
  ].filter(Boolean).join("\n");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${GENERATOR}
<title>${escape(title)}</title>
<style>${CSS}${FIGURE_CSS}</style>
</head>
<body>
<main>
${body}
</main>
<script>${HINTS}</script>
${interactiveHtml(plotly)}
</body>
</html>
`;
}

/** Marks a page as one of ours, which may be replaced. */
export const GENERATOR = '<meta name="generator" content="Undertone">';

const idOf = (i: number): string => `section-${i + 1}`;

const factsHtml = (facts: Readonly<Record<string, string>>): string =>
  `<dl class="facts">${
    Object.entries(facts).map(([name, value]) =>
      `<div><dt>${escape(name)}</dt><dd>${escape(value)}</dd></div>`
    ).join("")
  }</dl>`;

const contentsHtml = (sections: readonly Section[]): string =>
  `<nav aria-label="Sections"><ul>${
    sections.map(({ title }, i) => `<li><a href="#${idOf(i)}">${escape(title)}</a></li>`).join("")
  }</ul></nav>`;

const detailsHtml = (details: Readonly<Record<string, unknown>>): string =>
  `<section aria-labelledby="details">\n<h2 id="details">Details</h2>\n${
    Object.entries(details).map(([name, value]) =>
      `<details><summary>${escape(name)}</summary>${
        scroll(name, `<pre>${escape(JSON.stringify(value, null, 2))}</pre>`)
      }</details>`
    ).join("\n")
  }\n</section>`;
