/** Writes the report of a run as one HTML page that needs no network. */
import type { Figure } from "./figure.ts";
import { figureHtml, interactiveHtml, type Plotly } from "./interactive.ts";
import { escape } from "./svg.ts";
import { type Table, tableHtml } from "./table.ts";
import { FONT, INK, LINE, MUTED, PAPER } from "./theme.ts";

export interface Report {
  title: string;
  /** One line under the title: data, method, date. */
  subtitle?: string;
  /** Headline values: `{"weighted F1": "69.3 %"}`. */
  facts?: Record<string, string>;
  /** Notes above the numbers: "surrogate data", "12 rows left out". */
  notes?: readonly string[];
  tables?: readonly Table[];
  figures?: readonly Figure[];
  /** Details shown folded, as JSON: `{config, environment}`. */
  details?: Record<string, unknown>;
}

/** Returns the page. Figures are SVG and become interactive if plotly.js runs. */
export function reportHtml(report: Report, plotly?: Plotly): string {
  const { title, subtitle, facts = {}, notes = [], tables = [], figures = [], details = {} } = report;
  const body = [
    `<header><h1>${escape(title)}</h1>${subtitle ? `<p class="muted">${escape(subtitle)}</p>` : ""}</header>`,
    ...notes.map((note) => `<p class="note">${escape(note)}</p>`),
    `<dl class="facts">${
      Object.entries(facts).map(([name, value]) =>
        `<div><dt>${escape(name)}</dt><dd>${escape(value)}</dd></div>`
      ).join("")
    }</dl>`,
    `<div class="tables">${tables.map((table) => `<section>${tableHtml(table)}</section>`).join("")}</div>`,
    ...figures.map((figure) => `<section>${figureHtml(figure)}</section>`),
    ...Object.entries(details).map(([name, value]) =>
      `<details><summary>${escape(name)}</summary><pre>${
        escape(JSON.stringify(value, null, 2))
      }</pre></details>`
    ),
  ].join("\n");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${CSS}</style>
</head>
<body>
<main>
${body}
</main>
${interactiveHtml(plotly)}
</body>
</html>
`;
}

const CSS = `
body { margin: 0; background: #f6f8fa; color: ${INK}; font: 15px/1.5 ${FONT}; }
main { max-width: 1040px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 26px; margin: 0; overflow-wrap: anywhere; }
.muted { color: ${MUTED}; margin: 4px 0 0; }
.note { background: #fff7e0; border-left: 4px solid #e0a100; padding: 8px 14px; border-radius: 4px; }
.facts { display: flex; flex-wrap: wrap; gap: 12px; margin: 20px 0; }
.facts:empty { display: none; }
.facts div { background: ${PAPER}; border: 1px solid ${LINE}; border-radius: 8px; padding: 10px 18px; }
dt { color: ${MUTED}; font-size: 13px; }
dd { margin: 0; font-size: 21px; font-weight: 600; font-variant-numeric: tabular-nums; }
section, details { background: ${PAPER}; border: 1px solid ${LINE}; border-radius: 8px; margin: 16px 0; padding: 16px 20px; }
.tables { display: flex; flex-wrap: wrap; gap: 16px; align-items: flex-start; margin: 16px 0; }
.tables section { flex: 1 1 auto; margin: 0; max-width: 100%; box-sizing: border-box; }
section { overflow-x: auto; }
figure { margin: 0; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding-bottom: 8px; }
th { color: ${MUTED}; font-weight: 600; font-size: 13px; }
th, td { padding: 5px 0 5px 18px; border-bottom: 1px solid ${LINE}; }
th:first-child, td:first-child { padding-left: 0; }
tbody tr:last-child td { border-bottom: 0; }
summary { cursor: pointer; font-weight: 600; }
pre { overflow-x: auto; font-size: 13px; }
@media print { body { background: ${PAPER}; } section { break-inside: avoid; } }
`;
