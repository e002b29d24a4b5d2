import { existsSync } from "node:fs";
import { deepEqual, equal, match } from "../lib/testing/assert.ts";
import { finished, writeFiles } from "../lib/jobs/runs/testing.ts";
import { aged, sized } from "./cli/runs.ts";
import { captured } from "./cli/testing.ts";
import { task } from "./runs.ts";

const out = await Deno.makeTempDir({ prefix: "undertone-runs" });
addEventListener("unload", () => Deno.removeSync(out, { recursive: true }));
await writeFiles(`${out}/first`, finished());
await writeFiles(`${out}/second`, finished({ lr: 0.01 }, 0.75));
await writeFiles(`${out}/broken`, { ...finished(), "config.json": "{" });
await writeFiles(`${out}/abl`, {
  "ablation.json": { config: { data: "a.csv", methods: { early_fusion: {} } } },
});
await writeFiles(`${out}/abl/early_fusion-s1`, finished());

Deno.stdin.isTerminal = () => false; // nobody is there to answer

const run = (...args: string[]) => captured(task, ...args, `--out=${out}`, `--cache=${out}/cache`);

Deno.test("a list is a table with the best first, then what is broken; each byte counts once", async () => {
  const { code, out: [heading, , ...lines] } = await run("--sort=weighted_f1", "--cells");
  equal(code, 0);
  match(heading, /^ +kind +data +method +weighted F1 +UA +macro F1 +state +age +size$/);
  match(lines[0], /^second +run +rows\.csv +early_fusion +75\.0 +50\.0 +25\.0 +finished +\d+ d +\d+ B$/);
  match(lines.join("\n"), /^broken: broken: Expected a JSON file but found invalid JSON/m);
  const bytes = JSON.parse((await run("--json")).out.join()).runs
    .reduce((sum: number, run: { bytes: number }) => sum + run.bytes, 0);
  match(lines.join("\n"), new RegExp(`^5 listed, ${sized(bytes)}\\. Metrics are on dev, in percent\\.`, "m"));
});

Deno.test("compare shows what differs; rm needs consent, removes, and says what is freed", async () => {
  const compared = (await run("compare", "first", "second")).out.join("\n");
  match(compared, /^lr +0\.001 +0\.01$/m);
  match(compared, /^Environment and code: the same$/m);
  match(compared, /^weighted F1 on dev +50\.0 % +75\.0 % +\+25\.0 points$/m);
  const asked = await run("rm", "abl");
  equal(asked.code, 2);
  match(asked.err.join("\n"), /^abl: ablation, stopped, .*\nExpected your consent to remove them but found/);
  equal(existsSync(`${out}/abl`), true);
  const removed = await run("rm", "abl", "--yes", "--json");
  deepEqual(JSON.parse(removed.out.join()).removed, [`${out}/abl`]);
  match(removed.err.join("\n"), /^Removed 1 folder: \d+ B freed\.$/m);
  equal(existsSync(`${out}/abl`), false);
  match((await run("disk")).out.join("\n"), /^ +\d\.\d kB {2}3 runs .*\n +\d\.\d kB {2}in all$/);
});

Deno.test("mistakes give sentences and exit code 2", async () => {
  const cases: [string[], RegExp][] = [
    [["lst"], /found 'lst' at the first word\. Did you mean list\?/],
    [["list", "first"], /Expected no name but found 'first'/],
    [["compare", "first"], /Expected two names but found 'first'/],
    [["rm"], /Expected one name or more but found nothing/],
    [["compare", "first", "secnd"], /Did you mean second\?/],
    [["--sort=date"], /Expected one of weighted_f1, age, size, name but found "date" at --sort/],
  ];
  for (const [args, sentence] of cases) {
    const { code, err } = await run(...args);
    equal(code, 2);
    match(err.at(-1)!, sentence);
  }
  match((await run("--filter=nothing")).out.join(), /^No runs with 'nothing' in /);
});

Deno.test("sizes and ages are short", () => {
  deepEqual([0, 999, 1000, 999_949, 999_999, 2.5e9].map(sized), [
    "0 B",
    "999 B",
    "1.0 kB",
    "999.9 kB",
    "1.0 MB",
    "2.5 GB",
  ]);
  const now = Date.parse("2026-01-10T00:00:00Z"), at = (text: string) => aged(text, now);
  deepEqual(
    [
      at("2026-01-09T23:30:00Z"),
      at("2026-01-09T00:00:00Z"),
      at("2026-01-01T00:00:00Z"),
      at("2027-01-01T00:00:00Z"),
    ],
    ["30 min", "24 h", "9 d", "0 min"],
  );
  equal(aged(undefined, now), "–");
});
