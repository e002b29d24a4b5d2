/** Folders of clips whose names say their label, speaker and more. */
import { dirname, join } from "node:path";
import { deepEqual, match, ok, throws } from "../../testing/assert.ts";
import { UndertoneError } from "../../errors.ts";
import { loadDataset, type LoadOptions } from "../load.ts";
import { readPattern } from "./pattern.ts";

async function folder(names: readonly string[]): Promise<string> {
  const path = await Deno.makeTempDir();
  for (const name of names) {
    await Deno.mkdir(dirname(join(path, name)), { recursive: true });
    await Deno.writeTextFile(join(path, name), "");
  }
  return path;
}

async function refusal(path: string, options: LoadOptions = {}): Promise<string> {
  const error = await loadDataset(path, options).catch((error) => error);
  ok(error instanceof UndertoneError, `${error}`);
  return error.message;
}

const read = (pattern: string, path: string) => readPattern(pattern).match(path);

Deno.test("fields are read between the characters that border them", () => {
  deepEqual(read("{speaker}_{text}_{label}_{intensity}", "1076_MTI_SAD_XX"), {
    speaker: "1076",
    text: "MTI",
    label: "SAD",
    intensity: "XX",
  });
  const pattern = "{speaker}_{label}";
  deepEqual(read(pattern, "deep/below/anna_joy"), { speaker: "anna", label: "joy" }, "the name alone counts");
  for (const odd of ["anna", "anna_", "_joy", "anna_joy_2", "anna_x/joy"]) {
    deepEqual(read(pattern, odd), undefined, odd);
  }
  deepEqual(
    read("{speaker}_{label}.wav", "anna_joy"),
    { speaker: "anna", label: "joy" },
    "its ending does not count",
  );
  deepEqual(read("{label} ({take})", "sad (12)"), { label: "sad", take: "12" });
  deepEqual(read("a.b[{label}]", "a.b[joy]"), { label: "joy" });
  deepEqual(read("a.b[{label}]", "axb[joy]"), undefined);
});

Deno.test("fields side by side have a length or a kind of characters", () => {
  const emodb = "{speaker:2}{text:3}{label:1}{take}"; // 03a01Fa: speaker, sentence, emotion, version
  deepEqual(read(emodb, "03a01Fa"), { speaker: "03", text: "a01", label: "F", take: "a" });
  const savee = "{speaker}_{label:letters}{take:digits}"; // DC_sa07
  deepEqual(read(savee, "DC_sa07"), { speaker: "DC", label: "sa", take: "07" });
  throws(
    () => readPattern("{speaker}{label}"),
    /Say where \{speaker\} ends: \{speaker:2\}, \{speaker:letters\}/,
  );
});

Deno.test("a pattern with / reads the folders above a clip, and a field may stand twice", () => {
  const pattern = "{label}/{speaker}/{speaker}_{take}";
  deepEqual(read(pattern, "x/joy/anna/anna_1"), { label: "joy", speaker: "anna", take: "1" });
  deepEqual(read(pattern, "joy/anna/bob_1"), undefined);
});

Deno.test("odd patterns are refused", () => {
  throws(() => readPattern("clips"), /one without a field/);
  throws(() => readPattern("{label"), /found '\{label' .* Write a field as \{name\}/);
  throws(() => readPattern("{la bel}"), /Write a field as \{name\}/);
  throws(() => readPattern("{audio}_{label}"), /the clip itself is the audio/);
});

Deno.test("a folder is read by --pattern, with a prefix or without", async () => {
  const path = await folder([
    ...["AudioWAV/1_IEO_ANG_HI.wav", "AudioWAV/1_IEO_HAP_LO.wav", "AudioWAV/2_IEO_ANG_HI.wav"],
    ...["AudioWAV/2_IEO_HAP_LO.FLAC", "AudioWAV/3_IEO_ANG_XX.mp3", "AudioWAV/odd.wav", "list.txt"],
  ]);
  const pattern = "{speaker}_{sentence}_{label}_{intensity}";
  for (const given of [path, `files:${path}`]) {
    const { rows, rejected, notes, root } = await loadDataset(given, { pattern, labelled: false });
    deepEqual(root, path);
    deepEqual(rows.map(({ id, label, speaker, text, audio }) => [id, label, speaker, text, audio]), [
      ["AudioWAV/1_IEO_ANG_HI", "ANG", "1", undefined, "AudioWAV/1_IEO_ANG_HI.wav"],
      ["AudioWAV/1_IEO_HAP_LO", "HAP", "1", undefined, "AudioWAV/1_IEO_HAP_LO.wav"],
      ["AudioWAV/2_IEO_ANG_HI", "ANG", "2", undefined, "AudioWAV/2_IEO_ANG_HI.wav"],
      ["AudioWAV/2_IEO_HAP_LO", "HAP", "2", undefined, "AudioWAV/2_IEO_HAP_LO.FLAC"],
      ["AudioWAV/3_IEO_ANG_XX", "ANG", "3", undefined, "AudioWAV/3_IEO_ANG_XX.mp3"],
    ]);
    deepEqual(rejected.map(({ reason }) => reason), ["name does not fit the pattern: AudioWAV/odd.wav"]);
    match(
      notes.join("\n"),
      /Ignored fields of --pattern: 'sentence', 'intensity'\. Rows can have id, split, text/,
    );
    match(notes.join("\n"), /1 clip of 6 do not fit --pattern, e\.g\. AudioWAV\/odd\.wav\./);
  }
});

Deno.test("splits may be folders, and words that are spoken may be in a name", async () => {
  const path = await folder([
    ...["train/joy/Hi.wav", "train/fear/No.wav", "validation/joy/So.wav", "eval/joy/Hm.wav"],
  ]);
  const { rows, rejected, notes } = await loadDataset(path, { pattern: "{split}/{label}/{text}" });
  deepEqual(rows.map(({ split, label, text }) => [split, label, text]), [
    ...[["train", "fear", "No"], ["train", "joy", "Hi"], ["dev", "joy", "So"]],
  ]);
  match(rejected[0].reason, /unknown split: 'eval'/);
  match(notes.join("\n"), /The field \{text\} is read as the words that are spoken, e\.g\. 'Hm'\./);
});

Deno.test("what can't be read by a pattern is refused with advice", async () => {
  const path = await folder(["a_joy.wav", "b_joy.wav"]), empty = await folder(["x.txt"]);
  match(
    await refusal(`files:${path}`),
    /found none \(clips: a_joy\.wav, b_joy\.wav\) .* Write --pattern with a field/,
  );
  match(
    await refusal(path, { pattern: "{speaker}-{label}" }),
    /found none among 2 clips \(a_joy\.wav, b_joy\.wav\)/,
  );
  match(
    await refusal(path, { pattern: "{speaker}_{emotion}" }),
    /Expected a pattern with the field \{label\}/,
  );
  match(
    await refusal(empty, { pattern: "{label}" }),
    /found no clips .* Name the folder that holds the clips/,
  );
  match(await refusal("sample", { pattern: "{label}" }), /found the embedded sample .* or omit --pattern/);
  match(await refusal(`ravdess:${path}`, { pattern: "{label}" }), /Write files:.*, or omit --pattern/);
});
