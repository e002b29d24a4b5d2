import { deepEqual, equal, rejects, throws } from "../../../testing/assert.ts";
import { clipsByName, linesOf, meanOf, nameOf, targetFor, votesFor } from "./reading.ts";
import { miniature } from "../../../testing/miniature.ts";

Deno.test("clips are found by name: the best kind, and the first of copies, with a note", () => {
  const { paths, notes } = clipsByName(["a/One.MP4", "b/One.wav", "c/one.wav", "c/two.flac", "c/two.txt"]);
  deepEqual([...paths], [["one", "b/One.wav"], ["two", "c/two.flac"]]);
  deepEqual(notes, ["1 clip whose name another folder has, too, left unread, e.g. c/one.wav."]);
  deepEqual(clipsByName(["x/1.wav", "y/1.wav"], (path) => path.replace("/", "_").slice(0, 3)).notes, []);
});

Deno.test("lines end in any way; damaged ones are told", async () => {
  const notes: string[] = [],
    folder = await miniature({
      "a.txt": "\uFEFFone\r\ntwo\rthree\n\n",
      "b.txt": Uint8Array.from([...new TextEncoder().encode("é\né\né\n"), 0xff, 0x0a]),
    });
  deepEqual(await linesOf(`${folder}/a.txt`, undefined, notes), ["one", "two", "three", ""]);
  deepEqual(notes, []);
  deepEqual(await linesOf(`${folder}/b.txt`, undefined, notes), ["é", "é", "é", "\ufffd"]);
  deepEqual(notes, [
    `${folder}/b.txt has 1 line with bytes that are not utf-8, e.g. line 4: U+FFFD replaces them.`,
  ]);
  await rejects(
    linesOf(`${folder}/c.txt`, undefined, notes),
    /Expected a text file but found one that can't be read/,
  );
});

Deno.test("a rater's vote is divided among the names that count", () => {
  deepEqual(votesFor([["joy", "fear", "joy"], ["joy"], ["bored"], ["fear", "bored"], []], ["joy", "fear"]), {
    joy: "1.5",
    fear: "1.5",
  });
  deepEqual(votesFor([["a", "b", "c"]], ["a", "b", "c"]).a, "0.333333");
  equal(meanOf([1, 2, 2]), "1.666667");
  deepEqual(["happiness", "sad", "boredom"].map(nameOf), ["joy", "sadness", "boredom"]);
});

Deno.test("the wanted kind of target is read if the corpus has it, and refused only if rows need it", () => {
  const kinds = ["class", "values"] as const;
  equal(targetFor({ labelled: true }, [...kinds], "x"), "class");
  equal(targetFor({ labelled: true, target: "values" }, [...kinds], "x"), "values");
  equal(targetFor({ labelled: false, target: "labels" }, [...kinds], "x"), "class");
  throws(
    () => targetFor({ labelled: true, target: "labels" }, [...kinds], "my/corpus"),
    /has \(class, values\) but found 'labels' at my\/corpus. Choose --target class or --target values.$/,
  );
});
