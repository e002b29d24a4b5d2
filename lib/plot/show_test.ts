import { deepEqual, equal, match, ok } from "../testing/assert.ts";
import { metricsOf } from "../eval/metrics.ts";
import { confusionFigure } from "./confusion.ts";
import { notebookHtml } from "./interactive.ts";
import { png } from "./png.ts";
import { show } from "./show.ts";
import { perClassTable } from "./tables.ts";

const metrics = metricsOf([[6, 2], [1, 3]], ["joy", "anger"]);
const bundle = (item: unknown) => show(item)[Symbol.for("Jupyter.display") as never] as () => unknown;

Deno.test("a figure is shown as HTML, PNG and text", async () => {
  const figure = confusionFigure(metrics);
  const shown = await bundle(figure)() as Record<string, string>;
  deepEqual(Object.keys(shown).sort(), ["image/png", "text/html", "text/plain"]);
  equal(shown["text/html"], notebookHtml(figure));
  deepEqual(Uint8Array.fromBase64(shown["image/png"]), await png(figure.svg, 1.5));
  equal(shown["text/plain"], figure.title);
});

Deno.test("a table is shown as HTML and aligned text without colour", async () => {
  const shown = await bundle(perClassTable(metrics))() as Record<string, string>;
  ok(shown["text/html"].startsWith("<table>"));
  ok(shown["text/plain"].startsWith("class"));
});

Deno.test("any other value is shown as text, and a value that shows itself does so", async () => {
  const text = async (item: unknown) => (await bundle(item)() as Record<string, string>)["text/plain"];
  const values: [unknown, string][] = [
    [42, "42"],
    [0, "0"],
    ["joy", "joy"],
    ["", ""],
    [true, "true"],
    [null, "null"],
    [undefined, "undefined"],
    [10n, "10n"],
    [[1, "a"], '[ 1, "a" ]'],
    [{ a: [1] }, "{ a: [ 1 ] }"],
    [{ columns: 3, rows: 4 }, "{ columns: 3, rows: 4 }"],
    [new Map([["a", 1]]), 'Map(1) { "a" => 1 }'],
  ];
  for (const [value, shown] of values) equal(await text(value), shown);
  equal(await text(show(42)), "42");
  match(await text(new Error("no")), /^Error: no/);
});
