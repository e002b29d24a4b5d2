/** Runs the tests of some folders in several processes at once. */
import { dealt } from "./dealt.ts";
import { writeExamples } from "./test_examples.ts";
import { writeModules } from "./test_modules.ts";

/**
 * Batches of the test files that share nothing. They are small, so that the last one does not run alone for
 * long: a batch costs a start of Deno, about 0.1 s.
 */
const BATCHES = 12;
/** Modules of examples. Those of a module share one process, so that the library is loaded once for all. */
const EXAMPLES = 4;
/** Most processes at once. A test may use several threads itself. */
const MOST_PROCESSES = 4;

/** What one `deno test` runs, and the test files that are in it. */
interface Batch {
  paths: readonly string[];
  files: readonly string[];
}

/** What one `deno test` printed and counted; `failure` is what it printed of the tests that failed. */
interface Result {
  output: string;
  report: string;
  counts: Counts;
  failure: string;
}

type Counts = Record<"passed" | "failed" | "ignored", number>;

/**
 * Runs the tests and examples of the folders in batches while it checks their types and those of the examples
 * in further documents, and prints the output of each batch, then all failures once more and the sum. Returns
 * the exit code and the JUnit reports, one after the other.
 */
export async function testInBatches(
  places: readonly string[],
  flags: readonly string[],
  documents: readonly string[] = [],
): Promise<{ code: number; report: string }> {
  const start = performance.now();
  const types = new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", "--doc", ...places, ...documents],
  })
    .output();
  const files = (await Promise.all(places.map(filesIn))).flat(), done: Result[] = [];
  const [tests, others] = [true, false].map((are) =>
    files.filter((path) => path.endsWith("_test.ts") === are)
  );
  const folder = await Deno.makeTempDir({ prefix: "undertone" });
  const examples = await writeExamples(others, folder, EXAMPLES);
  const { modules, alone } = await writeModules(tests, folder);
  const batches: Batch[] = [
    ...dealt(alone, BATCHES).map((files) => ({ paths: files, files })),
    ...examples.map((path) => ({ paths: [path], files: [path] })),
    ...modules.map(({ path, files }) => ({ paths: [path], files })),
  ];
  const workers = Math.min(MOST_PROCESSES, navigator.hardwareConcurrency);
  console.log(
    `${batches.length} batches run in ${workers} processes, and the types are checked beside them.`,
  );
  await Promise.all(Array.from({ length: workers }, async (_, worker) => {
    if (worker === 0 && !(await types).success) batches.length = 0; // nothing more starts
    for (let batch = batches.shift(); batch; batch = batches.shift()) {
      const result = await runBatch(batch, flags);
      console.log(result.output.trim());
      done.push(result);
    }
  }));
  const { success, code, stderr } = await types;
  if (!success) {
    await Deno.stderr.write(stderr);
    return { code, report: "" };
  }
  const sum = (name: keyof Counts) => done.reduce((total, { counts }) => total + counts[name], 0);
  const failed = sum("failed"), seconds = Math.round((performance.now() - start) / 1000);
  const failures = done.map(({ failure }) => failure).filter(Boolean);
  if (failures.length > 0) console.log(`\nThe failures once more:\n\n${failures.join("\n\n")}`);
  console.log(
    `\n${failed ? "FAILED" : "ok"} | ${sum("passed")} passed | ${failed} failed | ${
      sum("ignored")
    } ignored ` +
      `(${Math.floor(seconds / 60)}m${seconds % 60}s)\n`,
  );
  return { code: failed ? 1 : 0, report: done.map(({ report }) => report).join("\n") };
}

/** Returns the paths of a file, or of the modules and documents in a folder and below it, in order. */
async function filesIn(place: string): Promise<string[]> {
  if (!(await Deno.stat(place)).isDirectory) return [place];
  const entries = await Array.fromAsync(Deno.readDir(place));
  const paths = (wanted: (entry: Deno.DirEntry) => boolean) =>
    entries.filter(wanted).map(({ name }) => `${place}/${name}`);
  const below = await Promise.all(paths(({ isDirectory }) => isDirectory).map(filesIn));
  return [...paths(({ name }) => /\.(ts|md)$/.test(name)), ...below.flat()].sort();
}

async function runBatch({ paths, files }: Batch, flags: readonly string[]): Promise<Result> {
  const path = await Deno.makeTempFile({ prefix: "undertone", suffix: ".xml" });
  const { success, code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--quiet", "--no-check", ...flags, `--junit-path=${path}`, ...paths],
  }).output();
  const report = await Deno.readTextFile(path);
  await Deno.remove(path);
  const output = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  const counts = countsOf(output);
  if (!success && counts.failed === 0) counts.failed = 1; // the process itself failed
  const failure = success
    ? ""
    : failureIn(output) ?? `deno test ${files.join(" ")} ended with ${code}:\n${lastLines(output)}`;
  return { output, report, counts, failure };
}

/** Returns what `deno test` printed of the tests that failed, without its list of their names. */
export function failureIn(output: string): string | undefined {
  return plain(output).match(/^ *ERRORS *\n([^]*?)\n *FAILURES *$/m)?.[1].trim();
}

const lastLines = (output: string) => plain(output).trim().split("\n").slice(-20).join("\n");

/** Removes terminal colours. */
// deno-lint-ignore no-control-regex
const plain = (output: string) => output.replaceAll(/\u001b\[[\d;]+m/g, "");

/** Reads the last summary of `deno test`: `ok | 12 passed (3 steps) | 0 failed | 1 ignored (3s)`. */
export function countsOf(output: string): Counts {
  const summary = plain(output).split("\n").findLast((line) => /^(ok|FAILED) \| /.test(line));
  const count = (name: string) => Number(summary?.match(new RegExp(`(\\d+) ${name}`))?.[1] ?? 0);
  return { passed: count("passed"), failed: count("failed"), ignored: count("ignored") };
}
