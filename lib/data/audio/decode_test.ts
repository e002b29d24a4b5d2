import { deepEqual, equal, ok, rejects } from "../../testing/assert.ts";
import { fixture } from "../../testing/shared.ts";
import { decodeAudio } from "./decode.ts";

const ascii = (text: string) => new TextEncoder().encode(text);
const u16 = (...values: number[]) => new Uint8Array(new Uint16Array(values).buffer);
const u32 = (...values: number[]) => new Uint8Array(new Uint32Array(values).buffer);
const join = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

/** A mono WAVE file at 16 kHz. */
function wave(format: number, bits: number, body: Uint8Array, claimed = body.length): Uint8Array {
  const fmt = join(ascii("fmt "), u32(16), u16(format, 1), u32(16000, 16000 * bits / 8), u16(bits / 8, bits));
  return join(ascii("RIFF"), u32(0), ascii("WAVE"), fmt, ascii("data"), u32(claimed), body);
}

Deno.test("integers of 32 bits, floats of 64, and both ends of each scale", async () => {
  const cases: [number, number, ArrayBuffer, number[]][] = [
    [1, 8, new Uint8Array([0, 128, 255]).buffer, [-1, 0, 127 / 128]],
    [1, 16, new Int16Array([-32768, 0, 32767]).buffer, [-1, 0, 32767 / 32768]],
    [1, 24, new Uint8Array([0, 0, 0x80, 0, 0, 0, 0xff, 0xff, 0x7f]).buffer, [-1, 0, 1 - 2 ** -23]],
    [1, 32, new Int32Array([-(2 ** 31), 0, 2 ** 30]).buffer, [-1, 0, 0.5]],
    [3, 32, new Float32Array([-1, 0, 0.25]).buffer, [-1, 0, 0.25]],
    [3, 64, new Float64Array([-1, 0, 0.25]).buffer, [-1, 0, 0.25]],
    // Ends and middle of the tables in ITU-T G.711 (A-law on 13 bits, mu-law on 14, both scaled to 16).
    [6, 8, new Uint8Array([0x2a, 0xd5, 0xaa]).buffer, [-32256 / 32768, 8 / 32768, 32256 / 32768]],
    [7, 8, new Uint8Array([0x00, 0xff, 0x80]).buffer, [-32124 / 32768, 0, 32124 / 32768]],
  ];
  for (const [format, bits, body, wanted] of cases) {
    const { channels, rate } = await decodeAudio(wave(format, bits, new Uint8Array(body)), "memory");
    equal(rate, 16000);
    deepEqual([...channels[0]].map((x) => x + 0), wanted, `format ${format}, ${bits} bits`);
  }
});

Deno.test("a size of 0 left by a killed recorder is read to the end", async () => {
  const { channels, warnings } = await decodeAudio(wave(1, 16, u16(1, 2, 3), 0), "memory");
  equal(channels[0].length, 3);
  equal(warnings[0].code, "size-unknown");
});

Deno.test("every kind of bad file gets its own fault", async () => {
  const flac = await Deno.readFile(fixture("audio/flac_22k05_mono.flac"));
  const cases: [Uint8Array, string][] = [
    [new Uint8Array(0), "empty-file"],
    [ascii("dear diary, today I recorded nothing"), "not-audio"],
    [wave(1, 16, new Uint8Array(0)), "no-samples"],
    [wave(0x55, 16, new Uint8Array(64)), "unsupported"],
    [wave(1, 16, u16(1)).subarray(0, 36), "damaged"],
    [flac.subarray(0, 60), "no-samples"],
  ];
  for (const [bytes, fault] of cases) await rejects(decodeAudio(bytes, "clip"), { cause: fault });
  const pointer = ascii("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n");
  await rejects(decodeAudio(pointer, "clip"), /a recording but found a git-lfs pointer to it at clip/);
});

Deno.test("a git-lfs pointer in place of a clip says how to fetch the clip", async () => {
  const pointer = ascii("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 72862\n");
  await rejects(decodeAudio(pointer, "clip"), { cause: "not-audio" });
  await rejects(
    decodeAudio(pointer, "clip"),
    /found a git-lfs pointer to it at clip\. Run 'git lfs install'/,
  );
});

Deno.test("a FLAC that was cut off gives its samples and a warning", async () => {
  const flac = await Deno.readFile(fixture("audio/flac_22k05_mono.flac"));
  const { channels, warnings } = await decodeAudio(flac.slice(0, Math.floor(flac.length * 0.8)), "clip");
  ok(channels[0].length > 0 && channels[0].length < 26460);
  deepEqual(warnings, [{
    code: "truncated",
    detail: `header claims 26460 samples, ${channels[0].length} could be decoded`,
  }]);
});

/** A WAVE file of ADPCM: format 2 (Microsoft) or 17 (IMA), and bytes of one block. */
function adpcm(format: number, block: number, channels: number, samples?: number): Uint8Array {
  const told = samples === undefined ? [] : [2, samples];
  const fmt = join(u16(format, channels), u32(16_000, 0), u16(block, 4, ...told));
  const start = join(ascii("RIFF"), u32(0), ascii("WAVEfmt "), u32(fmt.length), fmt);
  return join(start, ascii("data"), u32(1024), new Uint8Array(1024));
}

Deno.test("ADPCM whose blocks can't hold their samples is refused, not read as noise", async () => {
  const whole = await decodeAudio(adpcm(17, 256, 1, 505), "x.wav");
  deepEqual(whole.channels.map((samples) => samples.length), [4 * 505]);
  const odd = [adpcm(17, 2, 1, 65_535), adpcm(17, 256, 1, 506), adpcm(2, 13, 2, 3), adpcm(2, 256, 3, 2)];
  for (const bytes of odd) {
    await rejects(decodeAudio(bytes, "x.wav"), /found ADPCM in \d channels whose blocks can't hold their/);
  }
});
