/** Runs the tests of some folders in several processes, which is twice as fast on two cores. */

/** Test files in a batch, if its folders do not hold more: small folders share a process. */
const BATCH = 25;
/** Most processes at once. A test may use several threads itself. */
const MOST_PROCESSES = 4;

/** A folder with files of its own, without those of its subfolders. */
export interface Folder {
  path: string;
  /** Number of test files in it. */
  tests: number;
  subfolders: string[];
}

/** What one `deno test` printed and counted. */
interface Result {
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
  const batches = batchesOf((await Promise.all(places.map(foldersIn))).flat()), done: Result[] = [];
  const workers = Math.min(MOST_PROCESSES, navigator.hardwareConcurrency);
  console.log(`The types are right. ${batches.length} batches of folders run in ${workers} processes.`);
  await Promise.all(Array.from({ length: workers }, async () => {
    for (let batch = batches.shift(); batch; batch = batches.shift()) {
      const result = await runBatch(batch, flags);
      console.log(result.output.trim());
      done.push(result);
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

/**
 * Puts folders together in batches, those with the most tests first, so that none ends long after the rest.
 */
export function batchesOf(folders: readonly Folder[]): Folder[][] {
  const batches: Folder[][] = [];
  const size = (batch: readonly Folder[]) => batch.reduce((sum, { tests }) => sum + tests, 0);
  for (const folder of folders.toSorted((a, b) => b.tests - a.tests)) {
    const fitting = batches.find((batch) =>
      size(batch) + folder.tests <= BATCH && isWhole([...batch, folder])
    );
    if (fitting) fitting.push(folder);
    else batches.push([folder]);
  }
  return batches;
}

/** Returns whether no folder of a batch lies below one that the batch leaves out. */
const isWhole = (batch: readonly Folder[]): boolean =>
  leftOut(batch).every((out) => batch.every(({ path }) => !path.startsWith(`${out}/`)));

/** Subfolders of a batch's folders that are not in it. */
function leftOut(batch: readonly Folder[]): string[] {
  const own = new Set(batch.map(({ path }) => path));
  return batch.flatMap(({ subfolders }) => subfolders).filter((folder) => !own.has(folder));
}

/** Returns a folder and all folders below it. */
async function foldersIn(path: string): Promise<Folder[]> {
  const entries = await Array.fromAsync(Deno.readDir(path));
  const subfolders = entries.filter(({ isDirectory }) => isDirectory).map(({ name }) => `${path}/${name}`)
    .sort();
  const tests = entries.filter(({ name }) => name.endsWith("_test.ts")).length;
  return [{ path, tests, subfolders }, ...(await Promise.all(subfolders.map(foldersIn))).flat()];
}

async function runBatch(folders: readonly Folder[], flags: readonly string[]): Promise<Result> {
  const path = await Deno.makeTempFile({ prefix: "undertone", suffix: ".xml" });
  // Deno reads folders with all below them. It also runs files that are named, even those that are no tests.
  const others = leftOut(folders);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["test", "--doc", "--quiet", "--no-check", "--permit-no-files", ...flags, `--junit-path=${path}`],
      ...others.length > 0 ? [`--ignore=${others.join(",")}`] : [],
      ...folders.map(({ path }) => path),
    ],
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
  const summary = output.replaceAll(/\u001b\[[\d;]+m/g, "").split("\n").findLast((line) =>
    /^(ok|FAILED) \| /.test(line)
  );
  const count = (name: string) => Number(summary?.match(new RegExp(`(\\d+) ${name}`))?.[1] ?? 0);
  return { passed: count("passed"), failed: count("failed"), ignored: count("ignored") };
}
