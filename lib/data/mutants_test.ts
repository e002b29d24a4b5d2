/** Damaged recordings and tables: each is read, or refused in a sentence, soon. */
import { readJson } from "../files/mod.ts";
import { ok } from "../testing/assert.ts";
import { byteMutant } from "../testing/byte_mutants.ts";
import { fixture } from "../testing/shared.ts";
import { tryMutants } from "../testing/trial.ts";
import { readClip } from "./audio/load.ts";
import { parseCsv } from "./csv.ts";
import { SAMPLE_MANIFEST } from "./sample/mod.ts";

const SEED = 1;
/** Most samples of a clip: the files hold 1.2 s. A reader that believes a wrong header makes far more. */
const MOST = 60 * 16000;

const audio = async (path: string) => {
  const { samples } = await readClip(path);
  ok(samples.length <= MOST && samples.every((x) => Math.abs(x) <= 1), `${samples.length} samples`);
};
const csv = async (path: string) => {
  const { columns, rows } = parseCsv(await Deno.readFile(path), path);
  ok(rows.every(({ cells }) => columns.every((name) => typeof cells[name] === "string")));
};

/** The first lines of the embedded manifest, which are enough to break. */
const manifest = async () => (await Deno.readFile(SAMPLE_MANIFEST)).slice(0, 4000);

const KINDS: [name: string, file: () => Promise<Uint8Array>, read: (path: string) => Promise<unknown>][] = [
  ["wav", () => Deno.readFile(fixture("audio/pcm16_16k_mono.wav")), audio],
  ["mp3", () => Deno.readFile(fixture("audio/mp3_44k1_mono.mp3")), audio],
  ["flac", () => Deno.readFile(fixture("audio/flac_22k05_mono.flac")), audio],
  ["ogg", () => Deno.readFile(fixture("audio/vorbis_44k1_mono.ogg")), audio],
  ["opus", () => Deno.readFile(fixture("audio/opus_48k_mono.opus")), audio],
  ["csv", manifest, csv],
  ["json", () => Deno.readFile(fixture("audio/expected.json")), readJson],
];

for (const [name, file, read] of KINDS) {
  Deno.test(`mutants of ${name} are read, or refused in a sentence, within 2 s`, async () => {
    const good = await file(), path = await Deno.makeTempFile({ suffix: `.${name}` });
    const { count, read: taken } = await tryMutants({
      of: name,
      quick: 40,
      full: 10_000,
      make: (index) => Deno.writeFile(path, byteMutant(good, SEED, index)),
      read: () => read(path),
    });
    ok(taken > 0 && taken < count, `${taken} of ${count} were read`);
    await Deno.remove(path);
  });
}
