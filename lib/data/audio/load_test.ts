import { deepEqual, equal, ok, rejects } from "../../testing/assert.ts";
import { UndertoneError } from "../../errors.ts";
import { readSafetensors } from "../../files/safetensors.ts";
import { testWith } from "../../testing/needs.ts";
import { fixture, jsonFixture } from "../../testing/shared.ts";
import { clipWarningsNote } from "./fault.ts";
import { loadAudio, readClip } from "./load.ts";

interface Good {
  tensor: string;
  suggested: { correlation_at_least: number; length_within: number; max_abs?: number };
}
interface Dirty {
  expect: "accept" | "reject";
  error?: string;
  warning?: string;
  tensor?: string;
  samples?: number;
}
const expected: { files: Record<string, Good>; dirty: Record<string, Dirty> } = jsonFixture(
  "audio/expected.json",
);
const { tensors } = await readSafetensors(fixture("audio/expected.safetensors"));

function correlation(a: Float32Array, b: Float32Array): number {
  const length = Math.min(a.length, b.length);
  let ab = 0, aa = 0, bb = 0;
  for (let i = 0; i < length; i++) {
    ab += a[i] * b[i];
    aa += a[i] ** 2;
    bb += b[i] ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

const largestDifference = (a: Float32Array, b: ArrayLike<number>) =>
  a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0);

for (const [name, { tensor, suggested }] of Object.entries(expected.files)) {
  Deno.test(`${name} sounds as ffmpeg and soxr have it`, async () => {
    const { samples, warnings } = await readClip(fixture(`audio/${name}`));
    const reference = tensors[tensor].data as Float32Array;
    deepEqual(warnings, []);
    // The lossy decoders trim their delay, so lag and length must be exact.
    equal(samples.length, reference.length);
    const found = correlation(samples, reference);
    ok(found >= suggested.correlation_at_least, `correlation ${found}`);
    if (suggested.max_abs !== undefined) ok(largestDifference(samples, reference) <= suggested.max_abs);
  });
}

const WARNINGS: Record<string, string[]> = {
  "dirty_truncated.wav": ["truncated"],
  "dirty_data_size_ffffffff.wav": ["size-unknown"],
  "dirty_300_samples.wav": ["too-short"],
  "dirty_silent.wav": ["silent"],
  "dirty_clipped.wav": ["clipped"],
};

for (const [name, { expect, error, tensor, samples: length }] of Object.entries(expected.dirty)) {
  Deno.test(`${name}: ${expect}`, async () => {
    const path = fixture(`audio/${name}`);
    if (expect === "reject") {
      await rejects(loadAudio(path), (thrown: unknown) => {
        ok(thrown instanceof UndertoneError && thrown.code === "input");
        equal(thrown.cause, error);
        ok(/^Expected .+ but found .+ at .+\. /.test(thrown.message) && thrown.message.includes(path));
        return true;
      });
      return;
    }
    const { samples, warnings } = await readClip(path);
    equal(samples.length, length);
    deepEqual(warnings.map((warning) => warning.code), WARNINGS[name]);
    ok(largestDifference(samples, tensor ? tensors[tensor].data : new Float32Array(samples.length)) <= 1e-6);
  });
}

Deno.test("the first bad sample is named, and how many there are", async () => {
  await rejects(
    loadAudio(fixture("audio/dirty_nan_float.wav")),
    /found 3 of 4800 that are not, .* index 10 at/,
  );
});

Deno.test("a missing file and a folder are refused", async () => {
  await rejects(loadAudio("nowhere/clip.wav"), { cause: "missing" });
  await rejects(loadAudio(fixture("audio")), { cause: "unreadable" });
});

testWith("mkfifo", "a pipe is refused at once, and a file that memory should not hold, unread", async () => {
  const folder = await Deno.makeTempDir();
  await new Deno.Command("mkfifo", { args: [`${folder}/pipe.wav`] }).output();
  await rejects(loadAudio(`${folder}/pipe.wav`), { cause: "unreadable" });
  await Deno.writeFile(`${folder}/big.wav`, new Uint8Array(0));
  await Deno.truncate(`${folder}/big.wav`, 3 * 2 ** 30); // takes no room on the disk
  await rejects(loadAudio(`${folder}/big.wav`), /a file of 3\.0 GiB, more than 2 .* Cut it into parts/);
});

Deno.test("odd clips are counted by kind, the first of each named", () => {
  const silent = (at: string) => ({ at, code: "silent" as const, detail: "all samples are 0" });
  const short = { at: "c.wav", code: "too-short" as const, detail: "10 ms" };
  equal(clipWarningsNote([]), undefined);
  equal(
    clipWarningsNote([silent("a.wav"), short, silent("b.wav")]),
    "Odd clips that are used anyway: 2 × silent (e.g. a.wav: all samples are 0), 1 × too-short (c.wav: 10 ms).",
  );
});
