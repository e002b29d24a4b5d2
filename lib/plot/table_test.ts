import { deepEqual, equal, ok } from "../testing/assert.ts";
import stringWidth from "string-width";
import { metricsOf } from "../eval/metrics.ts";
import { type Table, tableHtml, tableText } from "./table.ts";
import { comparisonTable, perClassTable } from "./tables.ts";

const table: Table = {
  title: "Rows",
  columns: ["name", { name: "share", percent: true }, { name: "loss", digits: 2 }, "rows"],
  rows: [["joy", 0.5, 1.234, 12345], ["喜び", null, -0.001, 7]],
  strong: [1],
};

Deno.test("columns are aligned, numbers right, wide characters counted as two", () => {
  equal(
    tableText(table, false),
    [
      "Rows",
      "name  share  loss    rows",
      "─────────────────────────",
      "joy    50.0  1.23  12,345",
      "喜び      –  0.00       7",
      "",
    ].join("\n"),
  );
});

Deno.test("a wide table is printed in blocks that repeat the first column", () => {
  const lines = tableText(table, false, 12).split("\n");
  deepEqual(lines, [
    "Rows",
    ...["name  share", "───────────", "joy    50.0", "喜び      –", ""],
    ...["name  loss", "──────────", "joy   1.23", "喜び  0.00", ""],
    ...["name    rows", "────────────", "joy   12,345", "喜び       7", ""],
  ]);
  equal(tableText(table, false, 5).split("\n").length, lines.length); // never narrower than two columns
});

Deno.test("a count needs no decimals, though its column has some", () => {
  const [, , row] = tableText({ columns: ["", { name: "late", digits: 3 }], rows: [["a", 22]] }, false).split(
    "\n",
  );
  equal(row, "a    22");
});

Deno.test("colour only adds weight", () => {
  const coloured = tableText(table, true);
  ok(coloured.includes("\x1b[1m喜び"));
  // deno-lint-ignore no-control-regex -- the pattern removes the codes
  equal(coloured.replace(/\x1b\[\d+m/g, ""), tableText(table, false));
});

Deno.test("text from files can neither control the terminal nor break the table", () => {
  const [, , row] = tableText({ columns: ["text"], rows: [["a\nb\t\x1b[31mred\x07"]] }, false).split("\n");
  equal(row, "a b [31mred");
});

Deno.test("a column with a width is cut between characters", () => {
  const rows = [["I could not possibly"], ["👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦"]];
  const lines = tableText({ columns: [{ name: "text", width: 10 }], rows }, false).split("\n");
  equal(lines[2], "I could n…");
  equal(lines[3], "👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦…");
  ok(stringWidth(lines[3]) <= 10);
});

Deno.test("HTML says the same and escapes", () => {
  const html = tableHtml({ columns: ["a<b"], rows: [["<script>"], [null]] });
  ok(html.includes("a&lt;b") && html.includes("&lt;script&gt;") && !html.includes("<script>"));
  ok(html.includes(">–</td>"));
  ok(tableHtml(table).includes('<td style="text-align:right">12,345</td>'));
});

Deno.test("per class and its averages, in percent", () => {
  const metrics = metricsOf([[3, 1], [1, 1]], ["joy", "anger"]);
  const lines = tableText(perClassTable(metrics), false).split("\n");
  equal(lines[2], "joy                    75.0    75.0  75.0        4");
  equal(lines[4], "macro average          62.5    62.5  62.5        6");
  equal(lines[5], "weighted average       66.7    66.7  66.7        6");
  const systems = tableText(comparisonTable([{ name: "memocmt", metrics, strong: true }]), false).split("\n");
  equal(systems[2], "memocmt      66.7         66.7      62.5           62.5  0.250");
});
