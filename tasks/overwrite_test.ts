/** Several processes want one run: the first keeps it, and a replaced run is safe until its successor is. */
import { fileURLToPath } from "node:url";
import { existsSync } from "node:fs";
import { deepEqual, equal, match, ok } from "../lib/testing/assert.ts";
import { smallData } from "../lib/jobs/testing.ts";

const folder = await smallData(), out = `${folder}/outputs`, run = `${out}/run`;
const shared = [
  `--data=${folder}/manifest.csv`,
  "--audio=log-mel",
  `--cache=${folder}/cache`,
  `--out=${out}`,
  "--no-controls",
];
const named = [...shared, "--name=run"];

const start = (task: string, ...args: string[]) =>
  new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", fileURLToPath(new URL(`${task}.ts`, import.meta.url)), ...args],
    stdout: "piped",
    stderr: "piped",
  }).spawn();

async function ended(child: Deno.ChildProcess) {
  const { code, stderr } = await child.output();
  return { code, err: new TextDecoder().decode(stderr) };
}

/** Waits until a process has brought something about. */
async function until(child: Deno.ChildProcess, so: () => boolean): Promise<void> {
  let over = false;
  child.status.then(() => over = true);
  while (!so()) {
    ok(!over, "it ended before");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

const last = () => Deno.readFileSync(`${run}/checkpoints/last.safetensors`);
const names = (path: string) => [...Deno.readDirSync(path)].map(({ name }) => name).sort();

Deno.test("a run that a process trains is neither replaced nor resumed by another", async () => {
  const first = start("train", ...named, "--epochs=4000");
  await until(first, () => existsSync(`${run}/checkpoints/last.safetensors`));
  for (const args of [[...named, "--overwrite", "--seed=2"], ["--resume", run]]) {
    const { code, err } = await ended(start("train", ...args));
    equal(code, 2);
    match(err, new RegExp(`process ${first.pid} on .*, which began 20.* \\(last heartbeat \\d+ s ago\\) at`));
  }
  first.kill("SIGINT");
  equal((await ended(first)).code, 130);
  deepEqual(names(run).filter((name) => name.startsWith("lock")), []);
});

Deno.test("a run comes back if its successor fails before its first checkpoint", async () => {
  const before = last();
  const spoilt = [...named, "--overwrite", "--lr=1e38", "--epochs=1", "--batch-size=1000", "--warmup=0"];
  const { code, err } = await ended(start("train", ...spoilt));
  equal(code, 2, err);
  match(err, /Expected finite numbers/);
  deepEqual(last(), before);
  deepEqual(names(out), ["run"]);
});

Deno.test("a run is kept aside if its successor is killed before its first checkpoint", async () => {
  const before = last(), aside = `${out}/.run.replaced`;
  const overwrite = [...named, "--overwrite", "--epochs=1"];
  const killed = start("train", ...overwrite);
  await until(killed, () => existsSync(`${aside}/config.json`) && existsSync(`${run}/config.json`));
  killed.kill("SIGKILL");
  await killed.output();
  ok(!existsSync(`${run}/checkpoints/last.safetensors`));
  deepEqual(Deno.readFileSync(`${aside}/checkpoints/last.safetensors`), before);
  match((await ended(start("train", "--resume", run))).err, /is complete in .*\.run\.replaced\./);
  equal((await ended(start("train", ...overwrite, "--lr=1e38", "--batch-size=1000", "--warmup=0"))).code, 2);
  deepEqual(last(), before);
  equal((await ended(start("train", ...overwrite))).code, 0);
  deepEqual(names(out), ["run"]);
  ok(last().length !== before.length || last().some((byte, i) => byte !== before[i]));
});

Deno.test("an ablation's folder has one process", async () => {
  const args = [...shared, "--methods=attention_pooling", "--name=study", "--seeds=1", "--no-test"];
  const ablate = args.filter((arg) => arg !== "--no-controls");
  const first = start("ablate", ...ablate, "--epochs=4000");
  await until(first, () => existsSync(`${out}/study/lock.1`));
  const { code, err } = await ended(start("ablate", ...ablate, "--epochs=1", "--overwrite"));
  equal(code, 2);
  match(err, new RegExp(`process ${first.pid} on .* at .*study\\.`));
  first.kill("SIGINT");
  equal((await ended(first)).code, 130);
});
