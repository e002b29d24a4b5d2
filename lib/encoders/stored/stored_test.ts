import { encodeSafetensors, readSafetensors } from "../../files/safetensors.ts";
import { deepEqual, equal, match, rejects } from "../../testing/assert.ts";
import { runDeno } from "../../testing/deno.ts";
import { fixture } from "../../testing/shared.ts";
import { zipOf } from "../../testing/zip_writer.ts";
import type { Sequence } from "../encoder.ts";
import { readableRows, readStored } from "./rows.ts";
import { storedEncoder } from "./stored.ts";

const { tensors: expected } = await readSafetensors(fixture("features/expected.safetensors"));
const KINDS = ["folder", "all.npz", "deflated.npz", "all.h5", "all.safetensors"];
const rows = Object.keys(expected).map((id) => ({ id }));

for (const kind of KINDS) {
  Deno.test(`states of ${kind} equal numpy's`, async () => {
    const encoder = await storedEncoder("audio", fixture(`features/${kind}`));
    const { states, faults } = await readStored(encoder, rows, rows);
    deepEqual([...faults], []);
    equal(encoder.width, 4);
    for (const [id, { shape, data }] of Object.entries(expected)) {
      const { data: own, length, width } = states.get(id)!;
      deepEqual([length, width, [...own]], [...shape, [...data]], id);
    }
    match(encoder.notes![0], /5 keys, states of .*F16.*, 1 to 5 of width 4 each, e\.g\. '/);
  });
}

Deno.test("the fingerprint is of the content, wherever it lies", async () => {
  const folder = await Deno.makeTempDir(), path = `${folder}/moved.npz`;
  const { fingerprint } = await storedEncoder("audio", fixture("features/all.npz"));
  await Deno.copyFile(fixture("features/all.npz"), path);
  equal((await storedEncoder("audio", path)).fingerprint, fingerprint);
  const others = await Promise.all(KINDS.map((kind) => storedEncoder("audio", fixture(`features/${kind}`))));
  equal(new Set(others.map(({ fingerprint }) => fingerprint)).size, KINDS.length);
  await Deno.remove(folder, { recursive: true });
});

/** Writes a safetensors file with these arrays, and returns its path. */
async function fileOf(arrays: Record<string, [shape: number[], values: number[]]>): Promise<string> {
  const path = await Deno.makeTempFile({ suffix: ".safetensors" });
  const tensors = Object.entries(arrays).map(([key, [shape, values]]) => [
    key,
    { shape, data: Float32Array.from(values) },
  ]);
  await Deno.writeFile(path, encodeSafetensors(Object.fromEntries(tensors)));
  return path;
}

Deno.test("NaN, infinity and empty arrays are told for their row", async () => {
  const path = await fileOf({ a: [[1, 2], [1, NaN]], b: [[2, 2], [1, 2, Infinity, 4]], c: [[0, 2], []] });
  const rows = ["a", "b", "c", "d"].map((id) => ({ id }));
  const { states, faults } = await readStored(await storedEncoder("audio", path), rows, rows);
  equal(states.size, 0);
  match(faults.get("a")!, /not finite: NaN in state 0/);
  match(faults.get("b")!, /not finite: Infinity in state 1/);
  match(faults.get("c")!, /no states/);
  match(faults.get("d")!, /no features: no key 'd' in .*safetensors/);
  await Deno.remove(path);
});

Deno.test("keys under text/ and audio/ are those of their modality", async () => {
  const path = await fileOf({ "text/r": [[1, 2], [1, 2]], "audio/r": [[1, 3], [3, 4, 5]] });
  for (const [modality, width] of [["text", 2], ["audio", 3]] as const) {
    const encoder = await storedEncoder(modality, path), [row] = [{ id: "r" }];
    equal((await readStored(encoder, [row], [row])).states.get("r")!.width, width);
    match(encoder.notes!.join(), /1 keys .* another modality/);
  }
  const alone = await fileOf({ "text/r": [[1, 2], [1, 2]] });
  await rejects(storedEncoder("audio", alone), /keys under text\/ alone/);
  for (const each of [path, alone]) await Deno.remove(each);
});

Deno.test("features of two widths, of more axes or of none are refused by name", async () => {
  const cases: [Parameters<typeof fileOf>[0], RegExp][] = [
    [{ a: [[1, 2], [1, 2]], b: [[3], [1, 2, 3]] }, /'a' of shape \[1,2\] and 'b' of shape \[3\]/],
    [{ a: [[2, 1, 2], [1, 2, 3, 4]] }, /'a' of shape \[2,1,2\]/],
    [{ a: [[], [1]] }, /'a' of shape \[\]/],
    [{ a: [[2, 0], []] }, /'a' of shape \[2,0\]/],
    [{}, /found none/],
  ];
  for (const [arrays, found] of cases) {
    const path = await fileOf(arrays);
    await rejects(storedEncoder("audio", path), found);
    await Deno.remove(path);
  }
});

Deno.test("files of other kinds, objects and damaged archives are refused", async () => {
  const folder = await Deno.makeTempDir(), write = Deno.writeFile;
  await rejects(storedEncoder("audio", `${folder}/none.npz`), /found nothing/);
  await rejects(storedEncoder("audio", folder), /found none/);
  await rejects(storedEncoder("audio", fixture("features/refused")), /float32 or float64 but found/);
  await write(`${folder}/a.pt`, new Uint8Array(9));
  await rejects(storedEncoder("audio", `${folder}/a.pt`), /ends in .npz, .safetensors or .h5/);
  for (
    const [kind, found] of [["npz", /without its end/], ["h5", /can't be opened/], [
      "safetensors",
      /header/,
    ]] as const
  ) {
    await write(`${folder}/a.${kind}`, new Uint8Array(99).fill(7));
    await rejects(storedEncoder("audio", `${folder}/a.${kind}`), found);
  }
  const array = await Deno.readFile(fixture("features/folder/a.npy"));
  await write(`${folder}/twice.npz`, zipOf([["a", array], ["a.npy", array]]));
  await rejects(storedEncoder("audio", `${folder}/twice.npz`), /'a' twice/);
  await write(`${folder}/cut.npz`, zipOf([["a.npy", array.slice(0, 160)]]));
  await rejects(storedEncoder("audio", `${folder}/cut.npz`), /160 bytes for an array of 176/);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("HDF5 files of hostile sizes and loops are told, not read", async () => {
  const encoder = await storedEncoder("audio", fixture("features/huge.h5"));
  const rows = [{ id: "small" }, { id: "wide" }], { states, faults } = await readStored(encoder, rows, rows);
  deepEqual([...states.keys()], ["small"]);
  match(faults.get("wide")!, /too many states: .* have 100000000/);
  await rejects(storedEncoder("audio", fixture("features/loop.h5")), /more than 8 groups in each other/);
  await rejects(storedEncoder("audio", fixture("features/other.h5")), /a dataset of another type at .*words/);
});

Deno.test("a damaged part of an HDF5 file is told for its row", async () => {
  const path = await Deno.makeTempFile({ suffix: ".h5" }),
    good = await Deno.readFile(fixture("features/all.h5"));
  const deflated = good.findIndex((byte, i) => byte === 0x78 && good[i + 1] === 0x5e);
  await Deno.writeFile(path, good.map((byte, i) => i === deflated + 6 ? byte ^ 0xff : byte));
  const { states, faults } = await readStored(await storedEncoder("audio", path), rows, rows);
  deepEqual([states.size, faults.size], [rows.length - 1, 1]);
  match([...faults.values()][0], /damaged features: .* HDF5 can't read them$/);
  await Deno.remove(path);
});

Deno.test("features that change while they are read are refused", async () => {
  const path = await fileOf({ a: [[1, 2], [1, 2]] }), encoder = await storedEncoder("audio", path);
  await Deno.writeFile(path, encodeSafetensors({ a: { shape: [1, 1], data: new Float32Array(1) } }));
  await rejects(encoder.stored!.read(["a"]), /files that changed since/);
  await Deno.remove(path);
});

Deno.test("an encoder says which rows it can read", async () => {
  const stored = await storedEncoder("audio", fixture("features/all.npz"));
  const rows = [{ id: "a" }, { id: "x", audio: "sub/c.wav" }, { id: "y", audio: "y.wav", text: "words" }];
  deepEqual([...readableRows("audio", stored, rows)], ["a", "x"]);
  deepEqual([...readableRows("audio", undefined, rows)], ["x", "y"]);
  deepEqual([...readableRows("text", undefined, rows)], ["y"]);
  match(stored.stored!.notes(rows).join(), /3 of 5 keys in .* belong to no row, e\.g\. 'b'/);
});

Deno.test("rows of one clip share their states", async () => {
  const encoder = await storedEncoder("audio", fixture("features/all.npz"));
  const rows = [{ id: "x", audio: "a.wav" }, { id: "y", audio: "a.wav" }];
  const { states } = await readStored(encoder, rows, rows);
  equal(states.get("x") as Sequence, states.get("y"));
});

Deno.test("an HDF5 file needs no permission except to read it", async () => {
  const script = `import { storedEncoder } from "${import.meta.resolve("./stored.ts")}";
    const encoder = await storedEncoder("audio", ${JSON.stringify(fixture("features/all.h5"))});
    console.log(encoder.width, (await encoder.stored.read(["a"]))[0].length);`;
  const { out, error } = await runDeno(
    ["run", "--quiet", "--no-prompt", "--no-check", "--allow-read", "-"],
    { stdin: script, cwd: fixture(".") },
  );
  equal(out, "4 3\n", error);
});
