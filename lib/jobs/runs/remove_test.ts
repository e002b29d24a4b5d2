import { existsSync } from "node:fs";
import { deepEqual, equal, rejects } from "../../testing/assert.ts";
import { removable, removeRun } from "./remove.ts";
import { finished, writeFiles } from "./testing.ts";

const out = await Deno.makeTempDir({ prefix: "undertone-runs" });
addEventListener("unload", () => Deno.removeSync(out, { recursive: true }));

const lock = { id: "x", pid: 17, host: "elsewhere", since: "2026-01-01T00:00:00.000Z" };

Deno.test("a run is removed whole, and an ablation with what is inside", async () => {
  await writeFiles(`${out}/run`, finished());
  await writeFiles(`${out}/abl`, { "ablation.json": { config: {} } });
  await writeFiles(`${out}/abl/early_fusion-s1`, finished());
  const runs = await removable(["run", "abl", `${out}/run`, "abl/early_fusion-s1"], out);
  deepEqual(runs.map(({ name }) => name), ["run", "abl"]);
  for (const run of runs) await removeRun(run);
  deepEqual([...Deno.readDirSync(out)], []);
});

Deno.test("a folder that is no run, a link, and nothing are refused", async () => {
  await writeFiles(`${out}/model`, { "config.json": {}, "model.safetensors": "x" });
  await writeFiles(`${out}/run`, finished());
  await Deno.symlink(`${out}/run`, `${out}/link`);
  await rejects(removable(["run", "model"], out), /Expected a run, .* but found something else at .*model/);
  await rejects(removable(["rnu"], out), /found nothing at .*rnu\. Did you mean run\?/);
  await rejects(removable(["link"], out), /found a link to one/);
  await rejects(removable([""], out), /found something else/);
  equal(existsSync(`${out}/run/config.json`), true);
});

Deno.test("a folder in which a process works is refused, with those above and below it", async () => {
  await writeFiles(`${out}/busy`, { "ablation.json": { config: {} }, "lock.1": lock });
  await writeFiles(`${out}/busy/early_fusion-s1`, finished());
  const taken = /Expected a folder that no other process works in but found .*process 17 on elsewhere/;
  await rejects(removable(["busy"], out), taken);
  await rejects(removable(["busy/early_fusion-s1"], out), taken);
  await Deno.rename(`${out}/busy/lock.1`, `${out}/busy/early_fusion-s1/lock.1`);
  await rejects(removable(["busy"], out), taken);
  await writeFiles(`${out}/.early.replaced`, finished());
  await writeFiles(`${out}/early`, { "checkpoints/last.safetensors.1.tmp": "", "lock.1": lock });
  await rejects(removable([".early.replaced"], out), taken);
});
