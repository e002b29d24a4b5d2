/**
 * Eight processes encode the same data at once: every shard is whole, and almost nothing is encoded
 * twice.
 */
import { deepEqual, equal, ok } from "../testing/assert.ts";
import { testWith } from "../testing/needs.ts";

const PROCESSES = 8, CLIPS = 1024;

/** A process that encodes all clips, and prints how many it encoded itself and what it has of all. */
const program = (root: string) => `
import { encodeDataset } from "${import.meta.resolve("./features.ts")}";
let encoded = 0;
const encoder = {
  id: "busy", modality: "audio", fingerprint: "0", width: 2,
  encode(batch) {
    encoded += batch.length;
    for (const end = performance.now() + 15; performance.now() < end;);
    return Promise.resolve(batch.map(([x]) => ({ data: new Float32Array([x, x + 1]), length: 1, width: 2 })));
  },
};
const rows = Array.from({ length: ${CLIPS} }, (_, i) => ({ id: String(i), split: "train", audio: i + ".clip" }));
const { audio, damaged, rejected } = await encodeDataset(
  { root: "${root}", source: "", rows },
  { audio: encoder },
  {
    cacheDir: "${root}/cache",
    readClip: async (path) => ({ samples: new Float32Array([Number(await Deno.readTextFile(path))]), warnings: [] }),
  },
);
console.log(JSON.stringify({ encoded, damaged, rejected, states: rows.map(({ id }) => [...audio.get(id).data]) }));
`;

testWith(
  "time",
  "eight processes that encode the same data share the work, and each has all of it",
  async () => {
    const root = await Deno.makeTempDir();
    for (let i = 0; i < CLIPS; i++) await Deno.writeTextFile(`${root}/${i}.clip`, `${i * 3}`);
    await Deno.writeTextFile(`${root}/encode.js`, program(root));
    const run = async () => {
      const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--quiet", "--allow-all", "--no-check", "--config", "deno.json", `${root}/encode.js`],
      }).output();
      const text = new TextDecoder().decode(stdout);
      ok(text, new TextDecoder().decode(stderr));
      return JSON.parse(text) as {
        encoded: number;
        damaged: string[];
        rejected: unknown[];
        states: number[][];
      };
    };
    const all = await Promise.all(Array.from({ length: PROCESSES }, run));
    const expected = Array.from({ length: CLIPS }, (_, i) => [i * 3, i * 3 + 1]);
    for (const { damaged, rejected, states } of all) {
      deepEqual([damaged, rejected, states], [
        [],
        [],
        expected,
      ]);
    }
    const counts = all.map(({ encoded }) => encoded), total = counts.reduce((sum, n) => sum + n);
    ok(total >= CLIPS && total <= 1.1 * CLIPS, `${total} encoded for ${CLIPS}: ${counts}`);
    ok(counts.filter((n) => n > 0).length > 1, `one did all: ${counts}`);
    console.log(`encoded by each process: ${counts}`);
    const last = await run();
    deepEqual([last.encoded, last.states], [0, expected]);
    const index = Object.keys(JSON.parse(await Deno.readTextFile(`${root}/cache/files.json`)));
    equal(index.length, CLIPS);
    await Deno.remove(root, { recursive: true });
  },
);
