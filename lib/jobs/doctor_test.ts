import { equal, match, ok } from "../testing/assert.ts";
import { doctor, type Finding } from "./doctor.ts";

const examine = async (options: Parameters<typeof doctor>[0]): Promise<Map<string, Finding>> =>
  new Map((await Array.fromAsync(doctor(options))).map((finding) => [finding.what, finding]));

Deno.test("all is well where nothing is broken, and every encoder has been loaded", async () => {
  const found = await examine({ out: await Deno.makeTempDir() });
  match(found.get("engine")!.detail, /^onnx on cpu, fallbacks: none$/);
  match(found.get("text encoder use-lite")!.detail, /^width 512; licence: /);
  match(found.get("sample")!.detail, /^280 rows, 7 labels, clips can be read$/);
  for (const { what, state } of found.values()) ok(state !== "broken", what);
});

Deno.test("what is broken is told with what to do, and the rest is examined all the same", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/file`, "");
  const found = await examine({ out: `${folder}/file`, data: `${folder}/none.csv` });
  equal(found.get("runs")!.state, "broken");
  match(found.get("runs")!.detail, /Expected a folder that can be written .* Name another place/);
  equal(found.get(`data ${folder}/none.csv`)!.state, "broken");
  ok(found.has("nbclient"));
});
