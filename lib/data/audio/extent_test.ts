import { deepEqual, equal, ok, rejects } from "../../testing/assert.ts";
import { fixture } from "../../testing/shared.ts";
import { secondsWithin } from "./extent.ts";
import { readClip } from "./load.ts";

for (
  const name of ["flac_22k05_mono.flac", "opus_48k_mono.opus", "mp3_44k1_mono.mp3", "vorbis_44k1_mono.ogg"]
) {
  Deno.test(`the frames of ${name} last as long as its samples`, async () => {
    const path = fixture(`audio/${name}`), { samples } = await readClip(path);
    const seconds = secondsWithin(await Deno.readFile(path))!, more = seconds - samples.length / 16_000;
    // Encoders add up to a few frames. Short packets of Vorbis count as long ones.
    ok(more > -0.001 && more < (name.endsWith("ogg") ? 2.4 : 0.08), `${more} s more`);
  });
}

Deno.test("wav and other formats, and files without a proper start, are not counted", async () => {
  equal(secondsWithin(await Deno.readFile(fixture("audio/pcm16_16k_mono.wav"))), undefined);
  for (const start of ["", "fLaC", "OggS", "hello"]) {
    equal(secondsWithin(new TextEncoder().encode(start)), undefined);
  }
});

/** Bits as bytes, the first bit first. */
const bytesOf = (bits: string) =>
  Uint8Array.from(bits.replaceAll(" ", "").match(/.{8}/g)!, (byte) => parseInt(byte, 2));

/** A FLAC file of silence, 16 kHz mono: `count` frames of 65,535 samples, in 14 bytes each. */
function silence(count: number, claimed: number): Uint8Array {
  const bits = (value: number, length: number) => value.toString(2).padStart(length, "0");
  const about = bytesOf(
    `1${bits(0, 7)}${bits(34, 24)} ${bits(65_535, 16)}${bits(65_535, 16)}${bits(0, 48)}` +
      `${bits(16_000, 20)}${bits(0, 3)}${bits(15, 5)}${bits(claimed, 36)}${bits(0, 128)}`,
  );
  const frames = Array.from({ length: count }, (_, i) => {
    // The number of the frame as in UTF-8, in three bytes.
    const number = [0xe0 | i >> 12, 0x80 | i >> 6 & 63, 0x80 | i & 63];
    const header = [0xff, 0xf8, 0x75, 0x08, ...number, 0xff, 0xfe];
    const frame = [...header, crc(header, 8, 7), 0, 0, 0];
    const sum = crc(frame, 16, 0x8005);
    return [...frame, sum >> 8, sum & 255];
  });
  return Uint8Array.from([0x66, 0x4c, 0x61, 0x43, ...about].concat(frames.flat()));
}

/** A checksum of `width` bits, bit by bit as polynomials are divided. */
function crc(bytes: number[], width: number, polynomial: number): number {
  let sum = 0;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const out = (sum >> (width - 1) & 1) ^ (byte >> bit & 1);
      sum = (sum << 1 & (2 ** width - 1)) ^ (out ? polynomial : 0);
    }
  }
  return sum;
}

Deno.test("ten hours of silence in a file of 130 kB are refused before they are decoded", async () => {
  const path = await Deno.makeTempFile({ suffix: ".flac" });
  await Deno.writeFile(path, silence(3, 0));
  const { samples } = await readClip(path);
  deepEqual([samples.length, samples.every((x) => x === 0)], [3 * 65_535, true]);
  const bomb = silence(8_790, 16_000); // it claims one second
  ok(bomb.length < 140_000);
  await Deno.writeFile(path, bomb);
  const began = performance.now();
  await rejects(readClip(path), /a recording of at most 60 minutes but found one of 600 minutes at .*\.flac/);
  ok(performance.now() - began < 1000);
  await Deno.remove(path);
});
