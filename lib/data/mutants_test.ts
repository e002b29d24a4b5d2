/** Damaged files: each is read, or refused in a sentence, soon. UNDERTONE_MUTANTS sets how many of each kind. */
import { UndertoneError } from "../errors.ts";
import { readJson } from "../files/mod.ts";
import { ok } from "../testing/assert.ts";
import { byteMutant } from "../testing/byte_mutants.ts";
import { fixture } from "../testing/shared.ts";
import { readClip } from "./audio/load.ts";
import { parseCsv } from "./csv.ts";
import { SAMPLE_MANIFEST } from "./sample/mod.ts";

const SEED = 1;
const COUNT = Number(Deno.env.get("UNDERTONE_MUTANTS") ?? (Deno.env.get("UNDERTONE_LONG_TESTS") ? 2000 : 40));
/** Milliseconds that a reader may take for one small file, also on a busy machine. */
const PATIENCE = 2000;
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
  Deno.test(`${COUNT} mutants of ${name} are read, or refused in a sentence, within ${PATIENCE} ms`, async () => {
    const good = await file(), path = await Deno.makeTempFile({ suffix: `.${name}` });
    let taken = 0;
    for (let index = 0; index < COUNT; index++) {
      await Deno.writeFile(path, byteMutant(good, SEED, index));
      const began = performance.now();
      try {
        await read(path);
        taken++;
      } catch (error) {
        if (!(error instanceof UndertoneError)) throw new Error(`number ${index}`, { cause: error });
        ok(/^Expected .* but found .* at .*\. \w.*\.$/s.test(error.message), `${index}: ${error.message}`);
        ok(error.message.length < 700, `${index}: ${error.message}`);
      }
      const passed = performance.now() - began;
      ok(passed < PATIENCE, `number ${index} took ${passed} ms`);
    }
    ok(taken > 0 && taken < COUNT, `${taken} of ${COUNT} were read`);
    await Deno.remove(path);
  });
}
