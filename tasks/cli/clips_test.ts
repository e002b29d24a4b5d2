import { deepEqual, rejects } from "../../lib/testing/assert.ts";
import { clipsOf } from "./clips.ts";

const root = await Deno.makeTempDir();
for (const name of ["a.wav", "b.MP3", "notes.txt", "in/c.flac", "in/deep/d[1].wav", ".hidden.wav"]) {
  await Deno.mkdir(`${root}/in/deep`, { recursive: true });
  await Deno.writeTextFile(`${root}/${name}`, "");
}
const named = async (...words: string[]) => {
  const { paths, many } = await clipsOf(words.map((word) => `${root}/${word}`));
  return [paths.map((path) => path.slice(root.length + 1)), many];
};

Deno.test("a folder stands for the recordings in it and below it", async () => {
  deepEqual(await named(""), [["a.wav", "b.MP3", "in/c.flac", "in/deep/d[1].wav"], true]);
  deepEqual(await named("in/"), [["in/c.flac", "in/deep/d[1].wav"], true]);
});

Deno.test("a pattern stands for the files that match", async () => {
  deepEqual(await named("*.wav"), [["a.wav"], true]);
  deepEqual(await named("*"), [["a.wav", "b.MP3", "notes.txt"], true]);
  deepEqual(await named("**/*.{wav,flac}"), [["a.wav", "in/c.flac", "in/deep/d[1].wav"], true]);
  deepEqual(await named("in/*/d?1].wav"), [["in/deep/d[1].wav"], true]);
});

Deno.test("files are taken as they are, each once", async () => {
  deepEqual(await named("notes.txt"), [["notes.txt"], false]);
  deepEqual(await named("in/deep/d[1].wav"), [["in/deep/d[1].wav"], false]);
  deepEqual(await named("none.wav"), [["none.wav"], false]);
  deepEqual(await named("b.MP3", "*.wav", "a.wav"), [["b.MP3", "a.wav"], true]);
});

Deno.test("a folder or a pattern without clips is refused", async () => {
  await Deno.mkdir(`${root}/empty`, { recursive: true });
  await rejects(named("empty"), /a folder with recordings but found none/);
  await rejects(named("*.ogg"), /a pattern that files match but found none/);
  await rejects(named("gone/*.ogg"), /a pattern that files match but found none/);
});
