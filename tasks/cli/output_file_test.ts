import { deepEqual, equal, match } from "../../lib/testing/assert.ts";
import { fixture } from "../../lib/testing/shared.ts";
import { task as encode } from "../encode.ts";
import { task as infer } from "../infer.ts";
import { requireOutput } from "./output_file.ts";
import { captured as run } from "./testing.ts";

const folder = await Deno.makeTempDir();
const path = (name: string) => `${folder}/${name}`;
const rows = "id,text,audio\na,Hello there.,\nb,Oh no!,clip.wav\n";
await Deno.writeTextFile(path("rows.csv"), rows);
await Deno.writeTextFile(path("old.csv"), "mine\n");
await Deno.copyFile(fixture("audio/pcm16_16k_mono.wav"), path("clip.wav"));
await Deno.symlink(path("rows.csv"), path("link.csv"));
await Deno.link(path("rows.csv"), path("hard.csv"));

const infers = (...args: string[]) =>
  run(infer, `--checkpoint=${fixture("runs/v0.1/frozen")}`, `--cache=${path("cache")}`, ...args);
const files = async () =>
  await Promise.all(["rows.csv", "old.csv", "clip.wav"].map((name) => Deno.readFile(path(name))));

Deno.test("a file that a task reads is never replaced, however it is spelled", async () => {
  const before = await files();
  for (const name of ["rows.csv", "./rows.csv", "link.csv", "hard.csv", "clip.wav"]) {
    for (const more of [[], ["--overwrite"]]) {
      const { code, err } = await infers(`--input=${path("rows.csv")}`, `--output=${path(name)}`, ...more);
      equal(code, 2, name);
      match(
        err.join("\n"),
        more.length ? /a file that the task reads at/ : /(that the task reads|existing file) at/,
      );
    }
  }
  const { code } = await infers(`--audio=${folder}`, `--output=${path("clip.wav")}`, "--overwrite");
  equal(code, 2);
  const encoded = ["--data", path("rows.csv"), "--rejected", path("rows.csv"), "--overwrite"];
  const refused = await run(encode, ...encoded, `--cache=${path("cache")}`);
  match(
    refused.err.join("\n"),
    /a file that the task reads at .*rows\.csv\. Choose another path with --rejected/,
  );
  deepEqual(await files(), before);
});

Deno.test("another file is replaced with --overwrite alone", async () => {
  const args = [`--input=${path("rows.csv")}`, `--output=${path("old.csv")}`];
  const { code, err } = await infers(...args);
  equal(code, 2);
  match(err.join("\n"), /an existing file at .*old\.csv\. .* --overwrite/);
  equal(await Deno.readTextFile(path("old.csv")), "mine\n");
  const rejected = ["--data", path("rows.csv"), `--cache=${path("cache")}`, "--rejected", path("old.csv")];
  match((await run(encode, ...rejected)).err.join("\n"), /an existing file at .*old\.csv/);
  equal((await infers(...args, "--overwrite")).code, 0);
  match(await Deno.readTextFile(path("old.csv")), /^id,/);
});

Deno.test("inputs with their kind before the path are known, and a folder is no file", async () => {
  const refused = async (output: string, inputs: string[]) =>
    await requireOutput(output, { flag: "--to", overwrite: true, inputs }).then(() => "", (e) => e.message);
  match(await refused(path("old.csv"), [`features:${path("old.csv")}`]), /that the task reads/);
  match(await refused(folder, []), /found a folder/);
  equal(await refused(path("old.csv"), [`features:${path("rows.csv")}`]), "");
  equal(await refused(path("new.csv"), [path("rows.csv")]), "");
});
