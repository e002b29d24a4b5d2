import { deepEqual, equal, rejects, throws } from "../testing/assert.ts";
import { parseCsv, readCsv, requireColumns } from "./csv.ts";

const table = (text: string) => parseCsv(new TextEncoder().encode(text), "x.csv");

Deno.test("a mark, mixed line ends, quoted newlines and blank lines leave lines and cells right", () => {
  const { columns, rows } = table('\uFEFFid, text\r\na,"one\r\ntwo"\r\n\r\nb,"say ""no"", please"\nc, z \n');
  deepEqual(columns, ["id", "text"]);
  deepEqual(rows, [
    { line: 2, cells: { id: "a", text: "one\ntwo" } },
    { line: 5, cells: { id: "b", text: 'say "no", please' } },
    { line: 6, cells: { id: "c", text: "z" } },
  ]);
});

Deno.test("semicolons or tabs part the cells where they part the header", () => {
  const cells = [{ id: "a", text: "well, no; or" }, { id: "b", text: "yes" }];
  for (const mark of [",", ";", "\t"]) {
    const { rows } = table(`\uFEFFid${mark}text\na${mark}"well, no; or"\nb${mark}yes\n`);
    deepEqual(rows.map((row) => row.cells), cells, mark);
  }
});

Deno.test("rows with too few or too many cells are set aside with their line", () => {
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

Deno.test("a file that is not UTF-8 is read as Windows-1252, and that is noted", () => {
  const { rows, notes } = parseCsv(Uint8Array.of(105, 100, 10, 0x93, 97, 0x94), "x.csv");
  equal(rows[0].cells.id, "“a”");
  equal(notes.length, 1);
});
