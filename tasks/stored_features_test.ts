/** Stored features at the command line: encode, train, evaluate and infer read the rows that they have. */
import { encodeSafetensors } from "../lib/files/mod.ts";
import { equal, match } from "../lib/testing/assert.ts";
import { captured as run } from "./cli/testing.ts";
import { task as encode } from "./encode.ts";
import { task as evaluate } from "./evaluate.ts";
import { task as infer } from "./infer.ts";
import { task as train } from "./train.ts";

const folder = await Deno.makeTempDir(), data = `${folder}/rows.csv`, cache = `--cache=${folder}/cache`;
const rows = Array.from({ length: 16 }, (_, i) => ({
  id: `r${i}`,
  split: i < 12 ? "train" : "dev",
  label: i % 2 ? "joy" : "anger",
}));

/** Writes features of these rows: one state, whose sign says the label. */
async function write(name: string, rows: { id: string; label: string }[]): Promise<string> {
  const tensors = rows.map(({ id, label }, i) => [id, {
    shape: [8],
    data: Float32Array.from({ length: 8 }, (_, k) => (label === "joy" ? 1 : -1) * Math.cos(k) + i / 100),
  }]);
  await Deno.writeFile(`${folder}/${name}`, encodeSafetensors(Object.fromEntries(tensors)));
  return `features:${folder}/${name}`;
}
const csv = (rows: Record<string, string>[]) =>
  [Object.keys(rows[0]), ...rows.map((row) => Object.values(row))].join("\n");

await Deno.writeTextFile(data, csv(rows));
const audio = await write("own.safetensors", rows);
const model = `${folder}/first`;

Deno.test("a manifest without text and clips trains on stored features", async () => {
  const stored = ["--data", data, "--audio", audio, "--text=none", cache];
  const encoded = await run(encode, ...stored);
  equal(encoded.code, 0, encoded.err.join("\n"));
  match(encoded.out.join("\n"), /audio: 16 rows, 16 distinct, 16 states of width 8/);
  const trained = await run(
    train,
    ...[...stored, "--method=audio_only", "--epochs=20", "--lr=0.01", "--batch-size=4"],
    ...["--out", folder, "--name=first"],
  );
  equal(trained.code, 0, trained.err.join("\n"));
  match(
    trained.err.join("\n"),
    /note: Read audio features from .*own\.safetensors: 16 keys, states of F32, 1 of/,
  );
});

Deno.test("evaluate and infer find them again, and take others for new rows", async () => {
  const own = await run(evaluate, "--run", model, cache, "--json");
  equal(own.code, 0, own.err.join("\n"));
  equal(JSON.parse(own.out.at(-1)!).metrics.accuracy, 1);
  const some = await run(infer, "--checkpoint", model, "--n-samples=3", cache, "--json");
  equal(some.code, 0, some.err.join("\n"));
  equal(JSON.parse(some.out.at(-1)!).length, 3);
  const fresh = [{ id: "new1", label: "joy" }, { id: "new2", label: "anger" }];
  const input = `${folder}/new.csv`;
  await Deno.writeTextFile(input, csv(fresh));
  const others = await write("new.safetensors", fresh);
  const named = await run(infer, "--checkpoint", model, "--input", input, "--audio", others, cache, "--json");
  equal(named.code, 0, named.err.join("\n"));
  equal(JSON.parse(named.out.at(-1)!).map((row: { predicted: string }) => row.predicted).join(), "joy,anger");
  match(named.err.join("\n"), /note: The audio features are features:.*if one tool computed both/);
  const missing = await run(infer, "--checkpoint", model, "--input", input, cache);
  equal(missing.code, 2);
  match(missing.err.join("\n"), /--input <rows.csv> --audio features:<path>/);
});
