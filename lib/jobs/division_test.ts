/** A run keeps its rows: evaluating and resuming read the same ones, whatever the data's splits say later. */
import { useEngine } from "../compute/mod.ts";
import { ablateConfig } from "../config/ablation.ts";
import { deepEqual, equal, match, ok, rejects } from "../testing/assert.ts";
import { ablate } from "./ablation/ablate.ts";
import { readDivision } from "./division.ts";
import { evaluate } from "./evaluate.ts";
import { resumeRun } from "./resume.ts";
import { readResults } from "./results.ts";
import { loadOtherData, loadRunData } from "./run_data.ts";
import { runFolder } from "./run_folder.ts";
import { collect, smallConfig, smallData } from "./testing.ts";
import { trainRun } from "./train.ts";

await useEngine();
const folder = await smallData({ train: 12, dev: 6, test: 6 });
const whole = await Deno.readTextFile(`${folder}/manifest.csv`);
const [head, ...lines] = whole.trim().split("\n");
const written = async (name: string, rows: readonly string[]) => {
  await Deno.writeTextFile(`${folder}/${name}.csv`, [head, ...rows].join("\n") + "\n");
  return `${folder}/${name}.csv`;
};

Deno.test("a cell of one modality is evaluated and resumed on the rows that its ablation could read", async () => {
  const clip = lines.find((line) => line.includes(",dev,"))!.split(",").find((cell) =>
    cell.startsWith("clips/")
  )!;
  const data = await written("broken", lines.map((line) => line.replace(clip, "clips/gone.mp3")));
  const out = `${folder}/outputs`, cache = `${folder}/cache`;
  const config = ablateConfig.parse({
    ...{ data, out, cache, text: "use-lite", audio: "log-mel", name: "cells", epochs: 1, test: true },
    ...{ seeds: [1], methods: { early_fusion: {} }, max_rejected: 0.5 },
  });
  await collect(ablate(config));
  const cell = `${out}/cells/text_only-s1`, { dev, test } = await readResults(runFolder(cell));
  for (const [split, kept] of [["dev", dev], ["test", test]] as const) {
    const again = await evaluate(cell, { split });
    deepEqual(again.metrics, kept!.metrics, split);
    ok(again.folder, "the result is kept");
  }
  match(
    (await evaluate(cell, { split: "dev" })).notes.join("\n"),
    /1 rows .*the run was trained without them/,
  );
  equal((await collect(ablate(config))).at(-1)!.type, "result"); // evaluating a cell changes none of its rows
  equal((await collect(resumeRun(cell, { epochs: 2, controls: false }))).at(-1)!.type, "result");
});

Deno.test("train rows never become test rows, and data that change in place are told", async () => {
  const data = await written("own", lines);
  const config = smallConfig(folder, { data, name: "own", method: "text_only", audio: "none", epochs: 1 });
  await collect(trainRun(config, { controls: false }));
  const run = `${folder}/outputs/own`, before = await evaluate(run, { split: "test" });

  const swapped = await written(
    "swapped",
    lines.map((line) =>
      line.replace(/,(train|test),/, (_, split) => `,${split === "train" ? "test" : "train"},`)
    ),
  );
  const moved = await evaluate(run, { split: "test", data: swapped });
  deepEqual(moved.metrics, before.metrics);

  const labels = [...new Set(lines.map((line) => line.split(",").at(-1)!))];
  const next = (label: string) => labels[(labels.indexOf(label) + 1) % labels.length];
  await written("own", lines.map((line) => line.replace(/[^,]*$/, next)));
  const changed = await evaluate(run, { split: "dev" });
  equal(changed.folder, undefined);
  match(changed.notes.join("\n"), /data have changed since its training \(other labels in dev\)/);

  await written("own", lines.slice(1));
  await rejects(evaluate(run, { split: "test" }), /1 of \d+ gone, e\.g\. '.*' .*Restore them/);
});

Deno.test("data that moved are known in another order, and under the run's names of columns", async () => {
  const named = async (name: string, rows: readonly string[]) => {
    await Deno.writeTextFile(`${folder}/${name}.csv`, [head.replace("text", "words"), ...rows].join("\n"));
    return `${folder}/${name}.csv`;
  };
  const data = await named("named", lines), columns = { text: "words" };
  const config = smallConfig(folder, {
    ...{ data, columns, name: "named", method: "text_only", audio: "none", epochs: 1 },
  });
  await collect(trainRun(config, { controls: false }));
  const run = `${folder}/outputs/named`, { dev } = await readResults(runFolder(run));
  const moved = await evaluate(run, { split: "dev", data: await named("backward", lines.toReversed()) });
  deepEqual(moved.metrics, dev!.metrics);
  match(moved.notes.join("\n"), /the run's own data in another place/);
  ok(moved.folder, "the result is kept");
  const gone = lines.find((line) => line.includes(",dev,")), fewer = lines.filter((line) => line !== gone);
  const plain = await written("plain", fewer);
  await rejects(evaluate(run, { split: "dev", data: plain, columns }), /words/);
  const other = await evaluate(run, { split: "dev", data: plain });
  match(other.notes.join("\n"), /These are not the run's own data/);
  equal(other.folder, undefined);
});

Deno.test("samples of a run's data are rows that the run keeps, and other data are read by its columns", async () => {
  const data = await written("kept", lines);
  const config = smallConfig(folder, { data, name: "kept", method: "text_only", audio: "none", epochs: 1 });
  await collect(trainRun(config, { controls: false }));
  const run = `${folder}/outputs/kept`, division = (await readDivision(runFolder(run)))!;
  await written("kept", lines.map((line) => line.replace(/,(train|dev|test),/, ",train,")).toReversed());
  const text = { id: "use-lite", fingerprint: "", width: 512 };
  const trained = { about: { encoders: { text } }, config };
  const { rows } = await loadRunData(run, trained, []);
  deepEqual(rows.filter(({ split }) => split === "dev").map(({ id }) => id), division.splits.dev);
  const other = await loadOtherData(`${folder}/named.csv`, {
    ...trained,
    config: { ...config, columns: { text: "words" } },
  }, []);
  equal(other.rows.length, lines.length);
  await written("kept", lines.slice(1));
  await rejects(loadRunData(run, trained, []), /1 of \d+ gone/);
});
