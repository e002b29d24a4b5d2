import { deepEqual, equal, ok, rejects } from "../../testing/assert.ts";
import { testWith } from "../../testing/needs.ts";
import { fixture } from "../../testing/shared.ts";
import { loadAudio, readClip } from "./load.ts";

const runs = async (...args: string[]) => {
  const command = new Deno.Command("ffmpeg", { args, stdin: "null", stdout: "null", stderr: "null" });
  return (await command.output()).success;
};
const speech = fixture("audio/pcm16_16k_mono.wav");
const picture = ["-f", "lavfi", "-i", "color=s=16x16:r=5:d=1.2"];

for (const extension of ["mp4", "mkv", "avi", "mov"]) {
  testWith("ffmpeg", {
    name: `${extension}: the sound of the video`,
    fn: async () => {
      const folder = await Deno.makeTempDir();
      const path = `${folder}/-a clip: é.${extension}`;
      const sound = extension === "mkv" ? "flac" : "pcm_s16le"; // lossless, in a codec that the container supports
      ok(
        await runs(
          ...picture,
          "-i",
          speech,
          "-af",
          "pan=stereo|c0=c0|c1=c0",
          "-c:a",
          extension === "mp4" ? "alac" : sound,
          `file:${path}`,
        ),
      );
      const { samples, warnings } = await readClip(path);
      const wanted = await loadAudio(speech);
      deepEqual(warnings, []);
      equal(samples.length, wanted.length);
      ok(samples.every((x, i) => Math.abs(x - wanted[i]) < 1e-6));
    },
  });
}

testWith("ffmpeg", {
  name: "a video without sound and one that is cut off get different faults",
  fn: async () => {
    const folder = await Deno.makeTempDir();
    ok(await runs(...picture, `${folder}/mute.mp4`));
    await rejects(loadAudio(`${folder}/mute.mp4`), { cause: "no-audio-track" });
    const bytes = await Deno.readFile(`${folder}/mute.mp4`);
    await Deno.writeFile(`${folder}/half.mp4`, bytes.subarray(0, 200));
    await rejects(loadAudio(`${folder}/half.mp4`), { cause: "damaged" });
  },
});

/** A file that looks like a video from its first bytes. */
async function fakeVideo(): Promise<string> {
  const path = await Deno.makeTempFile({ suffix: ".mp4" });
  await Deno.writeFile(
    path,
    new Uint8Array([0, 0, 0, 24, ...new TextEncoder().encode("ftypisom"), 0, 0, 0, 0]),
  );
  return path;
}

Deno.test("without ffmpeg, the error says what to install", async () => {
  const program = `import { loadAudio } from "${new URL("./load.ts", import.meta.url)}";
    await loadAudio("${await fakeVideo()}").catch((error) => console.log(error.cause, error.message));`;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", program],
    cwd: new URL("../../..", import.meta.url),
    env: { PATH: await Deno.makeTempDir() },
  }).output();
  ok(/^no-ffmpeg Expected a video .* Install ffmpeg/.test(new TextDecoder().decode(stdout)));
});

testWith("ffmpeg", {
  name: "without permission to run ffmpeg, the error says which flag to add",
  permissions: { read: true, write: true, run: false },
  fn: async () => {
    await rejects(loadAudio(await fakeVideo()), /no permission to run ffmpeg at .* Add --allow-run=ffmpeg\./);
  },
});
