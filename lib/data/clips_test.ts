import { deepEqual, equal, match } from "../testing/assert.ts";
import { testWith } from "../testing/needs.ts";
import { clipFinder } from "./clips.ts";
import { loadDataset } from "./load.ts";

async function folder(...files: string[]): Promise<string> {
  const root = await Deno.makeTempDir();
  for (const file of files) {
    await Deno.mkdir(`${root}/${file.split("/").slice(0, -1).join("/")}`, { recursive: true });
    await Deno.writeTextFile(`${root}/${file}`, "");
  }
  return root;
}

Deno.test("a path from Windows, in another Unicode form or in other case finds its file, and notes say so", async () => {
  const [nfc, nfd] = ["\u00e9t\u00e9", "e\u0301te\u0301"];
  const root = await folder("a/1.wav", `${nfd}/${nfd}.wav`, `${nfc}.wav`, "a/2.WAV");
  const finder = clipFinder(root), found = (path: string) => finder.find(path).path;
  equal(found("a/1.wav"), "a/1.wav");
  deepEqual(finder.notes(), []);
  equal(found("a\\1.wav"), "a/1.wav");
  equal(found(`./${nfc}\\${nfc}.wav`), `./${nfd}/${nfd}.wav`);
  equal(found(`${nfd}.wav`), `${nfc}.wav`);
  equal(found("A/2.wav"), "a/2.WAV");
  equal(found(`${root}/A/2.wav`), `${root}/a/2.WAV`);
  deepEqual(finder.notes(), [
    "Read the paths of 1 clips backslashes as folders, e.g. a\\1.wav as a/1.wav.",
    `Read the paths of 2 clips by their Unicode form, e.g. ./${nfc}\\${nfc}.wav as ./${nfd}/${nfd}.wav.`,
    "Read the paths of 2 clips by their name in other case, e.g. A/2.wav as a/2.WAV.",
  ]);
});

Deno.test("a clip in another folder, on another machine or without an ending is found if only one fits", async () => {
  const root = await folder("wavs/1.wav", "wavs/train/2.wav", "a/3.wav", "b/3.wav", "4.wav", "wavs/5.flac");
  const finder = clipFinder(root),
    found = (path: string) => finder.find(path).path,
    home = root.split("/").pop();
  equal(found("1.wav"), "wavs/1.wav");
  equal(found("train/2.wav"), "wavs/train/2.wav");
  equal(found("/home/her/corpus/wavs/1.wav"), "wavs/1.wav");
  equal(found("C:\\corpus\\wavs\\1.wav"), "wavs/1.wav");
  equal(found(`/home/her/${home}/4.wav`), "4.wav");
  equal(found("5"), "wavs/5.flac");
  equal(found("wavs/train/2"), "wavs/train/2.wav");
  for (const path of ["3.wav", "test/2.wav", "/home/her/4.wav", "/home/her/test/2.wav", "6.wav"]) {
    equal(finder.find(path).fault, `clip missing: ${path}`);
  }
  deepEqual(finder.notes(), [
    "Read the paths of 5 clips in other folders, e.g. 1.wav as wavs/1.wav.",
    "Read the paths of 2 clips with an ending, e.g. 5 as wavs/5.flac.",
  ]);
});

Deno.test("a name that fits two files in other case is not guessed; the exact one is taken", async () => {
  const root = await folder("x.WAV", "X.wav");
  const finder = clipFinder(root);
  equal(finder.find("x.wav").fault, "clip missing: x.wav");
  equal(finder.find("X.wav").path, "X.wav");
});

testWith("mkfifo", "one odd path is one bad row: long, looped, a folder, a pipe, a device, NUL", async () => {
  const root = await folder("good.wav", "folder/x.wav");
  await Deno.symlink(`${root}/loop.wav`, `${root}/loop.wav`);
  await Deno.symlink("/dev/zero", `${root}/zero.wav`);
  await new Deno.Command("mkfifo", { args: [`${root}/pipe.wav`] }).output();
  const odd = [
    "loop.wav",
    "zero.wav",
    "pipe.wav",
    "folder",
    `${"x".repeat(300)}.wav`,
    "nul\0.wav",
    "none.wav",
  ];
  const lines = ["good.wav", ...odd].map((path, i) =>
    `${i},train,hello ${i},${path},${i % 2 ? "joy" : "fear"}`
  );
  const more = ["dev,joy", "train,joy", "train,fear"].map((what, i) => {
    const [split, label] = what.split(",");
    return `m${i},${split},more ${i},,${label}`;
  });
  const text = ["id,split,text,audio,label", ...lines, ...more].join("\n");
  const finder = clipFinder(root);
  for (const path of odd) match(finder.find(path).fault ?? "", /^clip (missing|is|can't be)/);
  await Deno.writeTextFile(`${root}/manifest.csv`, text.replace("\0", ""));
  const { rows, rejected } = await loadDataset(root);
  deepEqual(rows.map(({ id }) => id), ["0", "m0", "m1", "m2"]);
  deepEqual(rejected.map(({ reason }) => reason.slice(0, 55)), [
    "clip can't be accessed (Too many levels of symbolic lin",
    "clip is no file (a device or a pipe): zero.wav",
    "clip is no file (a device or a pipe): pipe.wav",
    "clip is a folder: folder",
    `clip can't be accessed (File name too long): ${"x".repeat(10)}`,
    "clip missing: nul.wav",
    "clip missing: none.wav",
  ]);
});
