/**
 * Trains on a synthetic data set of a given size, in its own process, which scale.ts starts. Prints seconds
 * and peak memory. Rows have texts of their own, so that no hidden states are shared.
 */
import { join } from "node:path";
import { trainConfig } from "../../lib/config/mod.ts";
import { registerTextEncoder, trainRun } from "../../lib/mod.ts";
import { random, seedOf } from "../../lib/random.ts";
import { noise } from "./hidden_states.ts";
import { peakMb } from "./processes.ts";

/** Size of a synthetic data set. */
export interface Size {
  rows: number;
  /** Hidden states of a row. */
  length: number;
  /** Width of a hidden state. */
  width: number;
  classes: number;
}

/** What a training on it took. */
export interface Took {
  /** From the start to the first step: loading, encoding and caching (or reading), in s. */
  until_training_s: number;
  epoch_s: number[];
  peak_mb?: number;
}

/** Trains for two epochs in `folder`, whose cache may hold the states already. */
async function train({ rows, length, width, classes }: Size, folder: string, threads: number): Promise<Took> {
  const data = join(folder, "manifest.csv");
  await writeManifest(data, rows, classes);
  registerTextEncoder({
    id: "noise",
    summary: "Noise that follows from the text",
    licence: "MIT",
    load: () =>
      Promise.resolve({
        id: "noise",
        modality: "text",
        fingerprint: `noise-${length}-${width}`,
        width,
        encode: (texts) =>
          Promise.resolve(texts.map((text) => {
            const draw = random(seedOf("noise", String(text)));
            return { data: noise(length * width, draw), length, width };
          })),
      }),
  });
  const config = trainConfig.parse({
    data,
    text: "noise",
    audio: "none",
    method: "text_only",
    epochs: 2,
    threads,
    cache: join(folder, "cache"),
    out: folder,
    name: "run",
  });
  const started = performance.now(), ends: number[] = [];
  let first: number | undefined;
  for await (const event of trainRun(config, { overwrite: true })) {
    if (event.type === "step") first ??= performance.now();
    if (event.type === "epoch") ends.push(performance.now());
  }
  const seconds = (from: number, to: number) => (to - from) / 1000;
  return {
    until_training_s: seconds(started, first!),
    epoch_s: ends.map((end, i) => seconds(i === 0 ? first! : ends[i - 1], end)),
    peak_mb: await peakMb(),
  };
}

/** Writes a manifest whose rows are divided 90 : 5 : 5. */
async function writeManifest(path: string, rows: number, classes: number): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  const writer = file.writable.getWriter(), encoder = new TextEncoder();
  let text = "id,split,text,label\n";
  for (let row = 0; row < rows; row++) {
    const split = row % 20 === 0 ? "dev" : row % 20 === 1 ? "test" : "train";
    text += `row_${row},${split},text ${row},class ${(row + Math.floor(row / 20)) % classes}\n`;
    if (text.length > 2 ** 16 || row === rows - 1) {
      await writer.write(encoder.encode(text));
      text = "";
    }
  }
  await writer.close();
}

if (import.meta.main) {
  const { folder, threads, ...size } = JSON.parse(Deno.args[0]);
  console.log(JSON.stringify(await train(size, folder, threads)));
}
