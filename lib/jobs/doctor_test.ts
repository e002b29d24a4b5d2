import { equal, match, ok } from "../testing/assert.ts";
import { addModel } from "../hub/mod.ts";
import { fakeHub } from "../hub/testing.ts";
import { doctor, type Finding } from "./doctor.ts";

const examine = async (options: Parameters<typeof doctor>[0]): Promise<Map<string, Finding>> =>
  new Map((await Array.fromAsync(doctor(options))).map((finding) => [finding.what, finding]));

Deno.test("a sound installation has no broken finding, and every encoder was loaded", async () => {
  const found = await examine({ out: await Deno.makeTempDir() });
  match(found.get("engine")!.detail, /^onnx on cpu, fallbacks: none$/);
  match(found.get("text encoder use-lite")!.detail, /^width 512; licence: /);
  match(found.get("sample")!.detail, /^280 rows, 7 labels, clips can be read$/);
  for (const { what, state } of found.values()) ok(state !== "broken", what);
  for (const device of ["webgpu", "cuda"]) {
    const { state, detail, todo = "" } = found.get(`device ${device}`)!;
    if (state === "ok") match(detail, new RegExp(`^onnx on ${device}, `));
    else match(detail + todo, /(Install|Fetch|Update|leave) /i);
  }
});

Deno.test("a broken part is reported with its remedy, and all other checks still run", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/file`, "");
  const found = await examine({ out: `${folder}/file`, data: `${folder}/none.csv` });
  equal(found.get("runs")!.state, "broken");
  match(found.get("runs")!.detail, /Expected a folder that can be written .* Choose another path/);
  equal(found.get(`data ${folder}/none.csv`)!.state, "broken");
  ok(found.has("nbclient"));
});

Deno.test("added models are listed with their missing files", async () => {
  await using fake = fakeHub();
  const models = await Deno.makeTempDir(), folder = `${models}/some__model`, out = await Deno.makeTempDir();
  await addModel("some/model", { folder, hub: fake.hub });
  const finding = async () => (await examine({ out, models })).get("model some/model")!;
  equal((await finding()).state, "ok");
  await Deno.remove(`${folder}/tokenizer.json`);
  const { state, detail, todo } = await finding();
  equal(state, "missing");
  match(detail, /^incomplete in .*some__model: tokenizer\.json$/);
  match(todo!, /deno task models add some\/model$/);
  await Deno.writeTextFile(`${folder}/undertone.json`, "{");
  equal((await examine({ out, models })).get("models")!.state, "broken");
});
