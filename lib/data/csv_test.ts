import { deepEqual, equal, rejects, throws } from "../testing/assert.ts";
import { parseCsv, readCsv, requireColumns } from "./csv.ts";

const table = (text: string) => parseCsv(new TextEncoder().encode(text), "x.csv");

Deno.test("predictions that Undertone wrote read back without their apostrophes; other files keep theirs", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const ours = bytes("id,text,audio,label,predicted\n'-1,'=1+1,,joy,joy\n"),
    theirs = bytes("id,text\n1,'-kay\n");
  const { cells } = parseCsv(ours, "predictions.csv").rows[0];
  deepEqual([cells.id, cells.text], ["-1", "=1+1"]);
  equal(parseCsv(theirs, "own.csv").rows[0].cells.text, "'-kay");
});

Deno.test("lines and cells are right despite a byte order mark, mixed line ends, quoted newlines and blank lines", () => {
  const { columns, rows } = table('\uFEFFid, text\r\na,"one\r\ntwo"\r\n\r\nb,"say ""no"", please"\nc, z \n');
  deepEqual(columns, ["id", "text"]);
  deepEqual(rows, [
    { line: 2, cells: { id: "a", text: "one\ntwo" } },
    { line: 5, cells: { id: "b", text: 'say "no", please' } },
    { line: 6, cells: { id: "c", text: "z" } },
  ]);
});

Deno.test("semicolons or tabs separate the cells if they separate the header", () => {
  const cells = [{ id: "a", text: "well, no; or" }, { id: "b", text: "yes" }];
  for (const mark of [",", ";", "\t"]) {
    const { rows } = table(`\uFEFFid${mark}text\na${mark}"well, no; or"\nb${mark}yes\n`);
    deepEqual(rows.map((row) => row.cells), cells, mark);
  }
});

Deno.test("rows with too few or too many cells are rejected with their line", () => {
  const { rows, rejected } = table("id,text\na\nb,x\nc,y,z\n");
  deepEqual(rows, [{ line: 3, cells: { id: "b", text: "x" } }]);
  deepEqual(rejected, [
    { id: "line 2", at: "x.csv, line 2", reason: "wrong number of cells: 1 under a header of 2" },
    { id: "line 4", at: "x.csv, line 4", reason: "wrong number of cells: 3 under a header of 2" },
  ]);
});

Deno.test("damage names file and line", async () => {
  throws(() => table('id,text\na,ok\nb,a "stray" quote\n'), /found a stray quote at x.csv, line 3/);
  throws(() => table('id,text\na,ok\nb,"open\nc,d\n'), /never closed at x.csv, in the row from line 3 on/);
  throws(() => table("id,text,id\n"), /found 'id' twice at x.csv, line 1/);
  throws(() => table("\n\n"), /found an empty file at x.csv/);
  throws(() => parseCsv(Uint8Array.of(82, 0, 0), "x.wav"), /found NUL bytes at x.wav/);
  await rejects(readCsv("/nowhere/x.csv"), /found no file at \/nowhere\/x.csv/);
  throws(
    () => requireColumns(table("id,Label\n"), ["id", "label"]),
    /no column 'label' \(columns: id, Label\).*rename 'Label'/,
  );
});

const latin1 = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

Deno.test("a row with an invalid byte is rejected with its line; other rows stay", () => {
  const utf8 = (text: string) => [...new TextEncoder().encode(text)];
  const [before, after] = ['id,text\na,"très\nbien"\nb,"deux\n', 'lignes"\nc,là-bas\nd,déjà\n'];
  const bytes = Uint8Array.from([...utf8(before), 0xc3, ...utf8(after)]);
  const { rows, rejected, notes } = parseCsv(bytes, "x.csv");
  deepEqual(rows.map(({ cells }) => cells.text), ["très\nbien", "là-bas", "déjà"]);
  deepEqual(rejected, [
    { id: "line 4", at: "x.csv, line 4", reason: "not utf-8: byte C3 on line 5" },
  ]);
  deepEqual(notes, []);
  throws(() => parseCsv(latin1("id,t\xe9xt\na,b\n"), "x.csv"), /header that can be read.*byte E9 on line 1/);
});

Deno.test("a file in another encoding is refused, and read if the encoding is named", () => {
  const bytes = latin1("id,text\na,tr\xe8s\nb,bient\xf4t\nc,d\xe9j\xe0\n");
  throws(() => parseCsv(bytes, "x.csv"), /text in UTF-8 but found the byte E8 .*x.csv, line 2.*--encoding/);
  const { rows } = parseCsv(bytes, "x.csv", "windows-1252");
  deepEqual(rows.map(({ cells }) => cells.text), ["très", "bientôt", "déjà"]);
});
