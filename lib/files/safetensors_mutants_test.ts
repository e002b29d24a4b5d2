import { fileURLToPath } from "node:url";
import { UndertoneError } from "../errors.ts";
import { amount, isLong } from "../testing/amount.ts";
import { deepEqual, equal, ok } from "../testing/assert.ts";
import { testWith } from "../testing/needs.ts";
import { testPython } from "../testing/python.ts";
import { mutant } from "../testing/safetensors_mutants.ts";
import { tryMutants } from "../testing/trial.ts";
import { decodeSafetensors, type SafetensorsFile } from "./safetensors.ts";

const SEED = 1, QUICK = 3_000, FULL = 100_000, COUNT = amount(QUICK, FULL);
const JUDGE = fileURLToPath(new URL("../testing/safetensors_judge.py", import.meta.url));
/** Files per call of the reference reader. */
const BATCH = 3_000;

type Verdict = Record<string, [dtype: string, shape: number[], values: string | null]> | null;

/** Returns the verdicts of the reference reader (Python) on these files. */
async function judge(files: readonly Uint8Array[]): Promise<Verdict[]> {
  const child = new Deno.Command(testPython(), { args: [JUDGE], stdin: "piped", stdout: "piped" }).spawn();
  const writer = child.stdin.getWriter(), output = child.output();
  for (const file of files) {
    await writer.write(new Uint8Array(Uint32Array.of(file.length).buffer));
    await writer.write(file);
  }
  await writer.close();
  const { success, stdout } = await output;
  ok(success);
  return new TextDecoder().decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
}

const read = (bytes: Uint8Array): SafetensorsFile => decodeSafetensors(bytes, "x.safetensors");

/** Returns the file, or the message that refuses it. Any other error is a fault. */
function outcome(bytes: Uint8Array): SafetensorsFile | string {
  try {
    return read(bytes);
  } catch (error) {
    if (!(error instanceof UndertoneError)) throw error;
    return error.message;
  }
}

const floats = (base64: string): Float64Array =>
  new Float64Array(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)).buffer);

/** Asserts that both readers give the same tensors, unless ours refuses the file. */
function requireSame(file: SafetensorsFile, verdict: Verdict): void {
  ok(verdict, "the format's own reader refuses it");
  deepEqual(Object.keys(file.tensors).sort(), Object.keys(verdict).sort());
  for (const [name, [dtype, shape, values]] of Object.entries(verdict)) {
    const tensor = Object.getOwnPropertyDescriptor(file.tensors, name)!.value;
    deepEqual(tensor.shape, shape);
    const expected = floats(values!);
    deepEqual([...tensor.data], [...(dtype === "F64" ? Float32Array.from(expected) : expected)]);
  }
}

/** Faults that the reference reader accepts and this one refuses. */
const STRICTER = new RegExp(
  [
    "has a name twice", // the reference takes the last
    "with the unknown key", // the reference ignores them
    "a list for the tensor", // the reference reads a list as an object
    "This type is not supported",
    "integers within 32 bits",
  ].join("|"),
);

const files = Array.from({ length: COUNT }, (_, index) => mutant(SEED, index));

Deno.test("mutants of safetensors files are read, or refused in a sentence, within 2 s", async () => {
  const kind = { of: "safetensors", quick: QUICK, full: FULL };
  const trial = await tryMutants({ ...kind, make: (index) => files[index], read });
  ok(trial.read > COUNT / 20 && trial.read < COUNT / 2, `${trial.read} read`);
});

testWith("Python's safetensors", {
  name: "no mutant is read that the format's own reader refuses, and the others have its values",
  fn: async () => {
    let taken = 0, refused = 0;
    const stricter: Record<string, number> = {};
    for (let start = 0; start < COUNT; start += BATCH) {
      const batch = files.slice(start, start + BATCH), verdicts = await judge(batch);
      equal(verdicts.length, batch.length);
      for (const [i, bytes] of batch.entries()) {
        const found = outcome(bytes);
        if (typeof found !== "string") {
          requireSame(found, verdicts[i]);
          taken++;
          continue;
        }
        if (verdicts[i] === null) {
          refused++;
          continue;
        }
        const reason = found.match(STRICTER)?.[0];
        ok(reason, `the format's own reader takes number ${start + i}: ${found}`);
        stricter[reason] = (stricter[reason] ?? 0) + 1;
      }
    }
    if (isLong) console.log({ read: taken, refused, stricter });
  },
});
