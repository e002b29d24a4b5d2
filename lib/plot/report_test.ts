import { deepEqual, equal, ok } from "../testing/assert.ts";
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
  sections: [
    {
      title: "Cells",
      tables: [{ columns: ["", "page"], rows: [["<a>", { text: "open", href: "a b/r.html" }]] }],
    },
    { title: "Nothing", tables: [], texts: [] },
  ],
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

Deno.test("headings are in order, header cells have a scope, scroll areas are reached, empty parts left out", () => {
  const html = reportHtml(report);
  deepEqual([...html.matchAll(/<h(\d)/g)].map(([, level]) => level), ["1", "2", "2"]);
  equal(html.includes("Nothing"), false);
  equal(/<th(?=[ >])(?! scope="col")/.test(html), false);
  equal(/<th[^>]*><\/th>/.test(html), false);
  equal(/class="scroll" role="region" aria-label="[^"]+" tabindex="0"/.exec(html) !== null, true);
  ok(html.includes('<a href="a%20b/r.html">open</a>'));
});

Deno.test("a recording is played if its bytes are there, and named by its path if not", () => {
  const html = reportHtml({
    title: "errors",
    clips: [
      {
        title: "a",
        text: "<b>",
        audio: { path: "a.wav", type: "audio/wav", bytes: new Uint8Array([1, 2, 3]) },
      },
      { title: "b", audio: { path: "b.wav" } },
    ],
  });
  ok(html.includes('src="data:audio/wav;base64,AQID"') && html.includes("“&lt;b&gt;”"));
  ok(html.includes("recording: b.wav"));
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
