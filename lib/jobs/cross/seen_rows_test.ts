import type { Dataset } from "../../data/mod.ts";
import { deepEqual } from "../../testing/assert.ts";
import { seenNotes } from "./seen_rows.ts";

const root = await Deno.makeTempDir();
for (const [path, bytes] of [["a/1.wav", 4], ["b/1.wav", 4], ["b/2.wav", 4], ["c/1.wav", 5]] as const) {
  await Deno.mkdir(`${root}/${path[0]}`, { recursive: true });
  await Deno.writeFile(`${root}/${path}`, new Uint8Array(bytes));
}
const corpus = (name: string, rows: readonly { audio?: string; text?: string }[]) => ({
  name,
  dataset: {
    root: `${root}/${name}`,
    rows: rows.map((row, i) => ({ id: `${i}`, split: "test", ...row })),
  } as unknown as Dataset,
});

Deno.test("a clip that another corpus also has is told: its name and size count, not its folder", () => {
  const a = corpus("a", [{ audio: "1.wav" }]), b = corpus("b", [{ audio: "1.wav" }, { audio: "2.wav" }]);
  const c = corpus("c", [{ audio: "1.wav" }]);
  deepEqual(seenNotes([a, c], [a, b]), [
    "1 of 2 rows of b are also in a (e.g. 1.wav): models of a have seen them.",
  ]);
});

Deno.test("rows without clips are compared by their texts", () => {
  const d = corpus("d", [{ text: "Oh no!" }, { text: "Why?" }]), e = corpus("e", [{ text: "Why?" }]);
  deepEqual(seenNotes([d], [e]), ["1 of 1 rows of e are also in d (e.g. Why?): models of d have seen them."]);
  deepEqual(seenNotes([e], [corpus("a", [{ audio: "1.wav", text: "Why?" }])]), []);
});
