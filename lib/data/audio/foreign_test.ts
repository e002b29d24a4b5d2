import { deepEqual, equal, ok, rejects } from "../../testing/assert.ts";
import { testWith } from "../../testing/needs.ts";
import { fixture } from "../../testing/shared.ts";
import { random } from "../../random.ts";
import { decodeAudio } from "./decode.ts";
import { mp3Start } from "./foreign.ts";
import { loadAudio, readClip } from "./load.ts";

const SPEECH = fixture("audio/pcm16_16k_mono.wav");

/** Kinds that only ffmpeg reads: file name, how ffmpeg writes it, how exactly it keeps 16-bit samples. */
const KINDS: [name: string, args: string[], exact: boolean][] = [
  ["x.w64", [], true],
  ["x.au", [], true],
  ["gsm.wav", ["-ar", "8000", "-c:a", "libgsm_ms"], false],
  ["mp3in.wav", ["-c:a", "libmp3lame"], false],
  ["speex.ogg", ["-c:a", "libspeex"], false],
];

/** Returns a SPHERE file of 16-bit samples (NIST's header of 1024 bytes). */
async function sphere(): Promise<Uint8Array> {
  const samples = await loadAudio(SPEECH);
  const header =
    `NIST_1A\n   1024\nsample_count -i ${samples.length}\nsample_n_bytes -i 2\nchannel_count -i 1\n` +
    `sample_byte_format -s2 01\nsample_rate -i 16000\nsample_coding -s3 pcm\nend_head\n`;
  const bytes = new Uint8Array(1024 + 2 * samples.length).fill(32);
  bytes.set(new TextEncoder().encode(header));
  const view = new DataView(bytes.buffer);
  samples.forEach((x, i) => view.setInt16(1024 + 2 * i, Math.round(x * 32768), true));
  return bytes;
}

testWith(
  "ffmpeg",
  "kinds that only ffmpeg reads are recognised by content, whatever their name",
  async () => {
    const folder = await Deno.makeTempDir(), wanted = await loadAudio(SPEECH);
    await Deno.writeFile(`${folder}/x.sph`, await sphere());
    for (const [name, args] of KINDS) {
      const command = ["-v", "error", "-i", SPEECH, ...args, `${folder}/${name}`];
      const { success } = await new Deno.Command("ffmpeg", { args: command, stdin: "null" }).output();
      if (!success) await Deno.remove(`${folder}/${name}`).catch(() => {}); // built without that encoder
    }
    for (
      const [name, exact] of [
        ...KINDS.map(([name, , exact]) => [name, exact] as const),
        ["x.sph", true] as const,
      ]
    ) {
      const bytes = await Deno.readFile(`${folder}/${name}`).catch(() => undefined);
      if (bytes === undefined) continue;
      await Deno.writeFile(`${folder}/renamed.mp3`, bytes);
      const { samples, warnings } = await readClip(`${folder}/renamed.mp3`);
      deepEqual(warnings, [], name);
      ok(Math.abs(samples.length - wanted.length) < 4000, `${name}: ${samples.length} of ${wanted.length}`);
      if (!exact) continue;
      const off = wanted.reduce((most, x, i) => Math.max(most, Math.abs(x - samples[i])), 0);
      ok(off < 1e-6, `${name}: ${off}`);
    }
  },
);

Deno.test("without ffmpeg, the error names the kind and the command that converts it", async () => {
  await rejects(
    decodeAudio(await sphere(), "my/clip.wav"),
    /a SPHERE file at my\/clip\.wav\. Convert it: `ffmpeg -i 'my\/clip\.wav' -ar 16000 -ac 1 out\.wav`\./,
  );
});

/** Returns a WAVE file with a 64-bit size (EBU Tech 3306) and a chunk behind the samples. */
function rf64(samples: Int16Array): Uint8Array {
  const size = 2 * samples.length, bytes = new Uint8Array(12 + 36 + 24 + 8 + size + 12);
  const view = new DataView(bytes.buffer);
  const tag = (at: number, name: string) => bytes.set(new TextEncoder().encode(name), at);
  tag(0, "RF64"), view.setUint32(4, 0xffffffff, true), tag(8, "WAVEds64"), view.setUint32(16, 28, true);
  view.setBigUint64(20, BigInt(bytes.length - 8), true), view.setBigUint64(28, BigInt(size), true);
  tag(48, "fmt "), view.setUint32(52, 16, true), view.setUint16(56, 1, true), view.setUint16(58, 1, true);
  view.setUint32(60, 16000, true), view.setUint32(64, 32000, true), view.setUint16(68, 2, true);
  view.setUint16(70, 16, true), tag(72, "data"), view.setUint32(76, 0xffffffff, true);
  bytes.set(new Uint8Array(samples.buffer), 80);
  tag(80 + size, "LIST"), view.setUint32(84 + size, 4, true);
  return bytes;
}

Deno.test("RF64 ends where its 64-bit size says, and 20 bits are the upper 20 of 24", async () => {
  const { channels, rate, warnings } = await decodeAudio(rf64(Int16Array.of(-32768, 0, 16384)), "memory");
  equal(rate, 16000);
  deepEqual([...channels[0]], [-1, 0, 0.5]);
  deepEqual(warnings, []);
  const head = rf64(new Int16Array(0)).subarray(48, 72), view = new DataView(head.buffer, head.byteOffset);
  view.setUint16(20, 3, true), view.setUint16(22, 20, true);
  const body = Uint8Array.of(0, 0, 0x80, 0x10, 0, 0, 0, 0, 0x40),
    text = (name: string) => new TextEncoder().encode(name);
  const bytes = Uint8Array.from(
    [...text("RIFF"), 0, 0, 0, 0, ...text("WAVE"), ...head, ...text("data"), body.length, 0, 0, 0, ...body],
  );
  deepEqual([...(await decodeAudio(bytes, "memory")).channels[0]], [-1, 2 ** -19, 0.5]);
});

Deno.test("RIFX has big-endian samples", async () => {
  const text = (name: string) => new TextEncoder().encode(name);
  const wave = (bits: number, ...body: number[]) =>
    Uint8Array.from([
      ...[...text("RIFX"), 0, 0, 0, 0, ...text("WAVEfmt "), 0, 0, 0, 16, 0, 1, 0, 1, 0, 0, 0x3e, 0x80],
      ...[0, 0, 0x7d, 0, 0, bits / 8, 0, bits, ...text("data"), 0, 0, 0, body.length, ...body],
    ]);
  const { channels, rate } = await decodeAudio(wave(16, 0x80, 0, 0, 1, 0x40, 0), "memory");
  equal(rate, 16000);
  deepEqual([...channels[0]], [-1, 2 ** -15, 0.5]);
  deepEqual([...(await decodeAudio(wave(24, 0x80, 0, 0, 0x40, 0, 1), "memory")).channels[0]], [
    -1,
    0.5 + 2 ** -23,
  ]);
});

Deno.test("an MP3 behind other bytes gives the same samples, and a warning", async () => {
  const mp3 = await Deno.readFile(fixture("audio/mp3_44k1_mono.mp3")), start = mp3Start(mp3)!;
  const plain = await decodeAudio(mp3, "memory"), { integer } = random(1);
  for (const length of [1, 700, 5000]) {
    const junk = Uint8Array.from({ length }, () => integer(255)); // no byte of a frame's sync
    const bytes = Uint8Array.from([...junk, ...mp3.subarray(start)]);
    const { channels, warnings } = await decodeAudio(bytes, "memory");
    deepEqual(channels, plain.channels);
    deepEqual(warnings, [{ code: "leading-bytes", detail: `MP3 that begins after ${length} other bytes` }]);
  }
  equal(mp3Start(Uint8Array.from({ length: 2e5 }, () => integer(256))), undefined);
});
