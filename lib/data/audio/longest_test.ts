import { equal, ok, rejects } from "../../testing/assert.ts";
import { fixture } from "../../testing/shared.ts";
import { readClip } from "./load.ts";
import { admitted, secondsSaid } from "./longest.ts";

const said = (bytes: Uint8Array, size = bytes.length) =>
  secondsSaid(bytes.subarray(0, 65_536), bytes.subarray(-65_536), size);

for (
  const name of [
    "pcm16_16k_mono.wav",
    "extensible_pcm16_16k_mono.wav",
    "pcm24_48k_stereo.wav",
    "flac_22k05_mono.flac",
    "vorbis_44k1_mono.ogg",
    "opus_48k_mono.opus",
    "mp3_44k1_mono.mp3",
  ]
) {
  Deno.test(`the headers of ${name} tell its length`, async () => {
    const path = fixture(`audio/${name}`), { samples } = await readClip(path);
    const seconds = said(await Deno.readFile(path))!;
    ok(Math.abs(seconds - samples.length / 16_000) < 0.08, `${seconds} s, not ${samples.length / 16_000}`);
  });
}

Deno.test("an MP3 that does not tell its length has that of its bit rate", () => {
  // MPEG 1 layer III, 128 kbit/s, 44.1 kHz: frames of 417 bytes and 1152 samples.
  const frames = new Uint8Array(417 * 100);
  for (let at = 0; at < frames.length; at += 417) frames.set([0xff, 0xfb, 0x90, 0x00], at);
  equal(Math.round(said(frames, 576_000_000)!), Math.round(576_000_000 / 417 * 1152 / 44_100));
});

Deno.test("an MP4 tells its length in 32 or 64 bits, at its start or its end", () => {
  const box = (wide: boolean) => {
    const bytes = new Uint8Array(200_000), view = new DataView(bytes.buffer);
    bytes.set(new TextEncoder().encode("ftyp"), 4);
    const at = wide ? 199_000 : 100;
    bytes.set(new TextEncoder().encode("mvhd"), at);
    view.setUint8(at + 4, wide ? 1 : 0);
    view.setUint32(at + (wide ? 24 : 16), 1000);
    if (wide) view.setBigUint64(at + 28, 36_000_000n);
    else view.setUint32(at + 20, 36_000_000);
    return bytes;
  };
  equal(said(box(false)), 36_000);
  equal(said(box(true)), 36_000);
});

Deno.test("a recording of ten hours is refused before it is read", async () => {
  const path = await Deno.makeTempFile({ suffix: ".wav" });
  const start = (await Deno.readFile(fixture("audio/pcm16_16k_mono.wav"))).subarray(0, 100);
  await Deno.writeFile(path, start);
  await Deno.truncate(path, 36_000 * 32_000); // takes no room on the disk
  const before = performance.now();
  await rejects(readClip(path), /a recording of at most 60 minutes but found one of 600 minutes at .+ffmpeg/);
  ok(performance.now() - before < 500);
  await Deno.remove(path);
});

Deno.test("large files are read one at a time, small ones together", async () => {
  const folder = await Deno.makeTempDir();
  const file = async (name: string, size: number) => {
    await Deno.writeFile(`${folder}/${name}`, new Uint8Array());
    await Deno.truncate(`${folder}/${name}`, size);
    return `${folder}/${name}`;
  };
  const large = await file("large", 2 ** 25 + 1), first = await admitted(large);
  let second = false;
  const waiting = admitted(large).then((lock) => {
    second = true;
    return lock;
  });
  (await admitted(await file("small", 2 ** 21)))[Symbol.dispose]();
  equal(second, false);
  first[Symbol.dispose]();
  (await waiting)[Symbol.dispose]();
  await Deno.remove(folder, { recursive: true });
});
