import { equal, ok } from "./testing/assert.ts";
import { mdBlock, mdCode, mdLink, mdList, mdTable, mdText, wrapped } from "./markdown.ts";

Deno.test("text from files keeps its characters and can't format", () => {
  equal(
    mdText("a_b *c* <b> [x](y) `z` | \\ ~ $ &amp;"),
    "a\\_b \\*c\\* \\<b\\> \\[x\\](y) \\`z\\` \\| \\\\ \\~ \\$ \\&amp;",
  );
  equal(mdText("# no heading"), "\\# no heading");
  equal(mdText("- no list"), "\\- no list");
  equal(mdText("1. no list"), "1\\. no list");
  equal(mdText("---"), "\\---");
  for (const plain of ["2019", "2.9.6", "-5", "#1", "a = b"]) equal(mdText(plain), plain);
  equal(mdText("two\nlines\u0007\u001b[31m"), "two lines\\[31m");
  equal(mdText("Freude 😀 快乐"), "Freude 😀 快乐");
});

Deno.test("code has a fence longer than the backticks inside", () => {
  equal(mdCode("a`b"), "``a`b``");
  equal(mdCode("`a"), "`` `a ``");
  equal(mdCode("macro_f1"), "`macro_f1`");
  equal(mdBlock("```\nx", "sh"), "````sh\n```\nx\n````");
});

Deno.test("a link's address can't end the link", () => {
  equal(mdLink("a]b", "https://x.org/(1)>"), "[a\\]b](<https://x.org/(1)%3E>)");
});

Deno.test("a table keeps one row a line, whatever its cells hold", () => {
  equal(
    mdTable(["label", "rows"], [[mdText("a|b"), "3"], ["c\nd|e", "1,200"]]),
    ["| label  |  rows |", "| ------ | ----: |", "| a\\|b   |     3 |", "| c d\\|e | 1,200 |"].join("\n"),
  );
});

Deno.test("wrapped text has short lines, and none that starts a list or a heading", () => {
  const text =
    "aaaa - bbbb + cccc # dddd 1. eeee === ffff -5 gggg https://example.org/a/long/address/indeed hhhh";
  const lines = wrapped(text, { width: 12 }).split("\n");
  equal(lines.join(" "), text);
  for (const line of lines) ok(!/^([-+#]|=+|\d+[.)])( |$)/.test(line), line);
  ok(lines.every((line) => line.length <= 16 || line.startsWith("https")));
  equal(mdList(["one two", "three"]), "- one two\n- three");
});
