import { deepEqual, ok } from "../../testing/assert.ts";
import { fixture, jsonFixture } from "../../testing/shared.ts";
import { clipReader } from "./clip_reader.ts";
import { readClip } from "./load.ts";

const files: { files: object; dirty: object } = jsonFixture("audio/expected.json");
const paths = [...Object.keys(files.files), ...Object.keys(files.dirty), "none.wav"]
  .map((name) => fixture(`audio/${name}`));

/** What reading a clip comes to. */
const outcome = (read: typeof readClip) => (path: string) =>
  read(path).catch(({ name, message, code, cause }) => ({ name, message, code, cause }));

Deno.test("clips and faults are those of readClip, whoever reads", async () => {
  using reader = clipReader();
  const expected = await Promise.all(paths.map(outcome(readClip)));
  deepEqual(await Promise.all(paths.map(outcome(reader.readClip))), expected);
  ok(expected.some((read) => "samples" in read) && expected.some((read) => "cause" in read));
});

Deno.test("the caller's thread opens no clip", async () => {
  const [path] = paths, { readFile } = Deno, opened: string[] = [];
  Deno.readFile = (path) => {
    opened.push(String(path));
    return readFile(path);
  };
  try {
    using reader = clipReader();
    const clips = [];
    for (let i = 0; i < 3; i++) clips.push(await reader.readClip(path));
    deepEqual(opened, []);
    for (const clip of clips) deepEqual(clip, clips[0]);
  } finally {
    Deno.readFile = readFile;
  }
});

Deno.test("if its thread breaks, the caller's thread reads, also what waits", async () => {
  const [path] = paths, expected = await readClip(path);
  for (const code of ["throw new Error('broken')", "self.onmessage = () => { throw new Error('broken'); }"]) {
    using reader = clipReader(new URL(`data:text/javascript,${code}`));
    const both = await Promise.all([reader.readClip(path), reader.readClip(path)]);
    deepEqual([...both, await reader.readClip(path)], [expected, expected, expected]);
  }
});
