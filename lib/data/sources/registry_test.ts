import { deepEqual, throws } from "../../testing/assert.ts";
import { loadDataset } from "../load.ts";
import { trainConfig } from "../../config/mod.ts";
import { optionsOf } from "../../schema.ts";
import { dataSources, registerDataSource } from "./registry.ts";
import type { DataSource } from "./source.ts";

const tiny = (id: string, summary = `a folder of ${id}`): DataSource => ({
  id,
  name: id,
  summary,
  words: [id],
  labels: ["wistful", "bored"],
  recognise: (path) => path === id ? { strength: 100, reason: "name" } : undefined,
  read: () => ({
    root: ".",
    candidates: ["bored", "wistful"].map((label, i) => ({
      at: id,
      id: `${i}`,
      split: "train",
      label,
      text: label,
    })),
  }),
});

Deno.test("a registered word loads its data, in its own order of classes", async () => {
  registerDataSource(tiny("toy"));
  const { name, labels, rows } = await loadDataset("toy", { labelled: false });
  deepEqual([name, labels, rows.length], ["toy", ["wistful", "bored"], 2]);
});

Deno.test("manifests with the same labels get the source's order of classes", async () => {
  const path = `${await Deno.makeTempDir()}/own.csv`;
  await Deno.writeTextFile(path, "id,split,text,label\na,train,x,bored\nb,train,y,wistful\n");
  deepEqual((await loadDataset(path, { labelled: false })).labels, ["wistful", "bored"]);
});

Deno.test("--help lists every source that is registered at the time", () => {
  const help = () => optionsOf(trainConfig).find(({ key }) => key === "data")!.description;
  for (const { id } of dataSources()) deepEqual(help().includes(id), true, id);
  registerDataSource(tiny("late", "a folder that came late"));
  deepEqual(help().includes("a folder that came late"), true);
});

Deno.test("duplicate ids are refused, and missing parts are named", () => {
  registerDataSource(tiny("once"));
  throws(
    () => registerDataSource(tiny("once")),
    /a data source with a new id but found 'once', which is registered/,
  );
  registerDataSource(tiny("once"), { replace: true });
  for (const id of ["sample", "manifest", "meld", "ravdess"]) {
    throws(() => registerDataSource(tiny(id), { replace: true }), /which is built in .*Choose another id/);
  }
  throws(() => registerDataSource(tiny("c")), /id has several letters but found 'c'.*a Windows drive/);
  const { read: _, ...rest } = tiny("half");
  throws(
    () => registerDataSource(rest as DataSource),
    /found no read at the registration of 'half'/,
  );
});
