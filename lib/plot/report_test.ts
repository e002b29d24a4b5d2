import { equal, ok } from "../testing/assert.ts";
import { metricsOf } from "../eval/metrics.ts";
import { confusionFigure } from "./confusion.ts";
import { curvesFigure } from "./curves.ts";
import { plotlySource } from "./interactive.ts";
import { reportHtml } from "./report.ts";
import { perClassTable } from "./tables.ts";

const metrics = metricsOf([[6, 2], [1, 3]], ["joy", "<anger>"]);
const report = {
  title: "run </title><script>alert(1)</script>",
  subtitle: "memocmt",
  facts: { accuracy: "75.0 %" },
  notes: ["surrogate data"],
  tables: [perClassTable(metrics, "Per class")],
  figures: [
    confusionFigure(metrics),
    curvesFigure({
      title: "Training",
      epochs: [1, 2],
      panels: [{ title: "loss", series: { train: [2, 1] } }],
    }),
  ],
  details: { config: { method: "memocmt", note: "</pre>" } },
};

Deno.test("the page has everything, and text is escaped", () => {
  const html = reportHtml(report);
  for (
    const part of [
      "memocmt",
      "75.0 %",
      "surrogate data",
      "Per class",
      "<svg",
      "&lt;anger&gt;",
      "&lt;/pre&gt;",
    ]
  ) {
    ok(html.includes(part), part);
  }
  equal(html.includes("alert(1)</script>"), false);
  equal(html.match(/<svg/g)?.length, 2);
});

Deno.test("the page needs no network", async () => {
  for (const html of [reportHtml(report), reportHtml(report, { source: await plotlySource() })]) {
    equal(
      /<(script|link|img)[^>]*(src|href)=/.test(html.replace(/<script[^>]*>[^]*?<\/script>/g, "")),
      false,
    );
  }
  ok(reportHtml(report, { src: "plotly.min.js" }).includes('data-plotly="plotly.min.js"'));
});
