import { deepEqual, equal, ok, rejects } from "../../testing/assert.ts";
import { testWith } from "../../testing/needs.ts";
import { fixture } from "../../testing/shared.ts";
import { random } from "../../random.ts";
import { readClip } from "./load.ts";
import { openSound, receiveSound, type Sound } from "./sound_stream.ts";

async function all({ samples }: Sound): Promise<Float32Array> {
  const out: number[] = [];
  for await (const piece of samples) out.push(...piece);
  return Float32Array.from(out);
}

/** Gives bytes in pieces of odd lengths. */
async function* inPieces(bytes: Uint8Array, most: number): AsyncGenerator<Uint8Array> {
  const { integer } = random(most);
  for (let from = 0, to; from < bytes.length; from = to) {
    yield bytes.subarray(from, to = from + 1 + integer(most));
  }
}

const WAVS = [
  "pcm16_16k_mono",
  "pcm24_48k_stereo",
  "float32_44k1_mono",
  "u8_8k_mono",
  "mulaw_8k_mono",
  "odd_list_chunk_pcm16_16k_mono",
  "extensible_pcm16_16k_mono",
  "dirty_data_size_ffffffff",
  "dirty_truncated",
  "dirty_clipped",
];

for (const name of WAVS) {
  Deno.test(`${name} gives the same samples piece by piece and as a whole`, async () => {
    const path = fixture(`audio/${name}.wav`), whole = await readClip(path), file = await openSound(path);
    deepEqual(await all(file), whole.samples);
    const ofFile = ["truncated", "size-unknown"],
      kept = whole.warnings.filter(({ code }) => ofFile.includes(code));
    deepEqual(file.warnings, kept);
    const bytes = await Deno.readFile(path);
    for (const most of [7, 5000]) {
      deepEqual(await all(await receiveSound(inPieces(bytes, most), "x")), whole.samples);
    }
  });
}

Deno.test("other kinds are decoded, and a stream of bare samples is read", async () => {
  for (const name of ["flac_22k05_mono.flac", "mp3_44k1_mono.mp3"]) {
    const path = fixture(`audio/${name}`);
    deepEqual(await all(await openSound(path)), (await readClip(path)).samples);
  }
  const path = fixture("audio/pcm16_16k_mono.wav"), bare = (await Deno.readFile(path)).subarray(44);
  const { samples } = await readClip(path),
    sound = await receiveSound(inPieces(bare, 999), "x", { raw: true });
  deepEqual(await all(sound), samples);
  deepEqual(sound.warnings, []);
});

Deno.test("what is no sound is refused", async () => {
  const given = async (bytes: Uint8Array) => await all(await receiveSound(inPieces(bytes, 50), "stdin"));
  const cases: [string, RegExp][] = [
    ["dirty_empty", /WAVE stream but found nothing at stdin/],
    ["dirty_text_renamed", /found another kind/],
    ["dirty_header_only", /found one without samples/],
    ["dirty_nan_float", /finite samples but found NaN at index/],
  ];
  for (const [name, message] of cases) {
    await rejects(given(await Deno.readFile(fixture(`audio/${name}.wav`))), message, name);
  }
  await rejects(openSound(fixture("audio")), /found a folder/);
  await rejects(openSound("/none.wav"), /found no file/);
});

Deno.test("a file with chunks after its samples ends with them", async () => {
  const bytes = await Deno.readFile(fixture("audio/pcm16_16k_mono.wav")),
    longer = new Uint8Array(bytes.length + 28);
  longer.set(bytes);
  longer.set(new TextEncoder().encode("LIST\x14\0\0\0INFO and other text"), bytes.length);
  const sound = await receiveSound(inPieces(longer, 3000), "x");
  deepEqual(await all(sound), (await readClip(fixture("audio/pcm16_16k_mono.wav"))).samples);
  equal(sound.warnings.length, 0);
});

Deno.test("a stream is read no further than its samples are taken", async () => {
  const { buffer } = (await Deno.readFile(fixture("audio/dirty_data_size_ffffffff.wav"))).subarray(0, 44);
  let given = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(buffer);
    for (;;) {
      given += 2000;
      yield new Uint8Array(4000);
    }
  }
  const { samples } = await receiveSound(endless(), "x");
  let taken = 0;
  for await (const piece of samples) {
    taken += piece.length;
    ok(given - taken <= 2000 && piece.length < 10_000);
    if (taken > 1e6) break;
  }
});

testWith("ffmpeg", {
  name: "a long file of another kind comes through ffmpeg, as the whole does",
  async fn() {
    // A little more than is decoded as a whole.
    const path = `${await Deno.makeTempDir()}/long.flac`, seconds = 601;
    const tone = ["-f", "lavfi", "-i", `sine=440:sample_rate=16000:duration=${seconds}`];
    const { success } = await new Deno.Command("ffmpeg", { args: ["-v", "error", ...tone, path] }).output();
    ok(success);
    const { samples } = await readClip(path), sound = await openSound(path);
    let at = 0;
    for await (const piece of sound.samples) {
      // Decoders scale positive integers by 2^15 or by 2^15 - 1.
      const isAlike = piece.every((x, i) => Math.abs(x - samples[at + i]) < 2 ** -15);
      ok(isAlike, `after ${at} samples`);
      at += piece.length;
    }
    equal(at, samples.length);
    deepEqual(sound.warnings, []);
  },
});
