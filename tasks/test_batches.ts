/** Runs the tests of some folders in several processes, which is twice as fast on two cores. */

/** Files of one process are a fraction of all, so that a slow batch does not end long after the others. */
const BATCHES = 12;
/** Most processes at once. A test may use several threads itself. */
const MOST_PROCESSES = 4;

/** What one `deno test` printed and counted. */
interface Batch {
  output: string;
  report: string;
  counts: Counts;
}

type Counts = Record<"passed" | "failed" | "ignored", number>;

/**
 * Checks the types of the folders, runs their tests and examples in batches, and prints the output of each
 * batch and the sum, as `deno test` does. Returns the exit code and the JUnit reports, one after the other.
 */
export async function testInBatches(
  places: readonly string[],
  flags: readonly string[],
): Promise<{ code: number; report: string }> {
  const start = performance.now();
  const types = await new Deno.Command(Deno.execPath(), { args: ["check", "--quiet", "--doc", ...places] })
    .spawn().status;
  if (!types.success) return { code: types.code, report: "" };
  const batches = dealt(await filesIn(places), BATCHES), done: Batch[] = [];
  const workers = Math.min(MOST_PROCESSES, navigator.hardwareConcurrency);
  console.log(`The types are right. ${batches.length} batches of files run in ${workers} processes.`);
  await Promise.all(Array.from({ length: workers }, async () => {
    for (let files = batches.shift(); files; files = batches.shift()) {
      const batch = await runBatch(files, flags);
      console.log(batch.output.trim());
      done.push(batch);
    }
  }));
  const sum = (name: keyof Counts) => done.reduce((total, { counts }) => total + counts[name], 0);
  const failed = sum("failed"), seconds = Math.round((performance.now() - start) / 1000);
  console.log(
    `\n${failed ? "FAILED" : "ok"} | ${sum("passed")} passed | ${failed} failed | ${
      sum("ignored")
    } ignored ` +
      `(${Math.floor(seconds / 60)}m${seconds % 60}s)\n`,
  );
  return { code: failed ? 1 : 0, report: done.map(({ report }) => report).join("\n") };
}

/** Deals files to batches one by one, so that the slow tests of one folder end up in different batches. */
export function dealt(files: readonly string[], count: number): string[][] {
  const batches = Array.from({ length: count }, (_, batch) => files.filter((_, i) => i % count === batch));
  return batches.filter(({ length }) => length > 0);
}

async function filesIn(places: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const place of places) {
    for await (const { name, isDirectory, isFile } of Deno.readDir(place)) {
      const path = `${place}/${name}`;
      if (isDirectory) files.push(...await filesIn([path]));
      else if (isFile && /\.(ts|md)$/.test(name)) files.push(path);
    }
  }
  return files.sort();
}

async function runBatch(files: readonly string[], flags: readonly string[]): Promise<Batch> {
  const path = await Deno.makeTempFile({ prefix: "undertone", suffix: ".xml" });
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--doc", "--quiet", "--no-check", ...flags, `--junit-path=${path}`, ...files],
  }).output();
  const report = await Deno.readTextFile(path);
  await Deno.remove(path);
  const output = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  const counts = countsOf(output);
  if (!success && counts.failed === 0) counts.failed = 1; // the process itself failed
  return { output, report, counts };
}

/** Reads the last summary of `deno test`: `ok | 12 passed (3 steps) | 0 failed | 1 ignored (3s)`. */
export function countsOf(output: string): Counts {
  // deno-lint-ignore no-control-regex
  const summary = output.replaceAll(/\u001b\[\d+m/g, "").split("\n").findLast((line) =>
    /^(ok|FAILED) \| /.test(line)
  );
  const count = (name: string) => Number(summary?.match(new RegExp(`(\\d+) ${name}`))?.[1] ?? 0);
  return { passed: count("passed"), failed: count("failed"), ignored: count("ignored") };
}
