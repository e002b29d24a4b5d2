/** Small data sets for tests, taken from the embedded sample. */
import { dirname, join } from "node:path";
import { stringify } from "csv-stringify/sync";
import { loadDataset } from "../data/mod.ts";
import { parseWith } from "../schema.ts";
import { type TrainConfig, trainConfig } from "../config/train.ts";

/** Creates a folder with `manifest.csv` of a few rows of every split, and their clips. */
export async function smallData(perSplit = { train: 20, dev: 8, test: 8 }): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "undertone" });
  const { rows, root } = await loadDataset("sample");
  const chosen = Object.entries(perSplit).flatMap(([split, count]) => {
    const all = rows.filter((row) => row.split === split);
    return all.filter((_, i) => i % Math.floor(all.length / count) === 0).slice(0, count);
  });
  for (const { audio } of chosen) {
    await Deno.mkdir(dirname(join(folder, audio!)), { recursive: true });
    await Deno.copyFile(join(root, audio!), join(folder, audio!));
  }
  const columns = ["id", "split", "text", "audio", "label"] as const;
  await Deno.writeTextFile(
    join(folder, "manifest.csv"),
    stringify([columns, ...chosen.map((row) => columns.map((c) => row[c]))]),
  );
  return folder;
}

/** A quick configuration for such a folder. */
export const smallConfig = (folder: string, changes: Partial<TrainConfig> = {}): TrainConfig =>
  parseWith(trainConfig, {
    data: `${folder}/manifest.csv`,
    method: "attention_pooling",
    epochs: 2,
    batch_size: 4,
    out: `${folder}/outputs`,
    cache: `${folder}/cache`,
    ...changes,
  }, "the test");

/** Collects everything that a generator yields. */
export const collect = <T>(events: AsyncIterable<T>): Promise<T[]> => Array.fromAsync(events);

/** Encodes mono samples at 16 kHz as a WAV file of 16 bits. */
export function wav16(samples: Float32Array): Uint8Array {
  const bytes = new Uint8Array(44 + 2 * samples.length), view = new DataView(bytes.buffer);
  const put = (at: number, text: string) => bytes.set(new TextEncoder().encode(text), at);
  ["RIFF", "WAVEfmt ", "data"].forEach((tag, i) => put([0, 8, 36][i], tag));
  [[4, 36 + 2 * samples.length], [16, 16], [24, 16000], [28, 32000], [40, 2 * samples.length]]
    .forEach(([at, value]) => view.setUint32(at, value, true));
  [[20, 1], [22, 1], [32, 2], [34, 16]].forEach(([at, value]) => view.setUint16(at, value, true));
  samples.forEach((x, i) => view.setInt16(44 + 2 * i, Math.round(x * 32768), true));
  return bytes;
}
