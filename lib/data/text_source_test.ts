import { deepEqual } from "../testing/assert.ts";
import { machineSource, textSources } from "./text_source.ts";

Deno.test("machines' words are told from people's, and other values are named", () => {
  const sources = textSources();
  const read = (textSource?: string) => sources.read({ textSource }).textSource;
  deepEqual([read(), read(""), read("human"), read("Human: two listeners")], Array(4).fill(undefined));
  deepEqual([read(machineSource("whisper#q8")), read("Machine"), read("MACHINE:X")], [
    "machine:whisper#q8",
    "machine",
    "machine:X",
  ]);
  deepEqual([read("asr"), read("machines")], [undefined, undefined]);
  const rows = [{ text: "a", textSource: "machine:x" }, { text: "b" }, { textSource: "machine:y" }];
  deepEqual(sources.notes(rows), [
    "1 of 2 texts is a machine's, by text_source: 'machine:x'.",
    "The text_source of 2 rows is ignored, e.g. 'asr', 'machines': it is 'machine:<model>', 'human' or empty.",
  ]);
  deepEqual(textSources().notes([{ text: "b" }]), []);
});
