/** Which files of a run go to the hub: those that others need to use it, without rows, texts or sound. */
import { existsSync } from "node:fs";
import { basename, isAbsolute, join } from "node:path";
import { configOf } from "../model/mod.ts";
import { badInput, count } from "../errors.ts";
import type { PushFile } from "../hub/mod.ts";
import { commandLine } from "../config/mod.ts";
import { loadCheckpoint } from "../train/mod.ts";
import { requireUnlocked } from "./lock.ts";
import { readResults } from "./results.ts";
import { checkpointPath, CHECKPOINTS, MODULES, openRun, type RunFolder } from "./run_folder.ts";

/** A run that can be pushed. */
export interface Pushable {
  run: RunFolder;
  files: PushFile[];
  /** Names in the run's folder that stay on this machine, sorted. */
  left: string[];
  /** What the owner should know before others see the files. */
  notes: string[];
}

/** The folder of a run's ONNX export, and the files in it. */
const EXPORT = "onnx", EXPORTED = ["model.onnx", "model.json", "tokenizer.json"];

/**
 * Returns the files of a run to push: the card as README.md, the configuration, the best checkpoint, and the
 * export in its folder `onnx` if there is one; `onnx` requires it. The checkpoint is checked. Throws
 * UndertoneError.
 */
export async function pushable(given: string, { onnx = false } = {}): Promise<Pushable> {
  const run = openRun(given);
  await requireUnlocked(run.path);
  const checkpoint = checkpointPath(run.path), loaded = await loadCheckpoint(checkpoint);
  requireCard(run);
  const exported = EXPORTED.map((name) => `${EXPORT}/${name}`).filter((name) => existsSync(run.file(name)));
  if (onnx && !exported.includes(`${EXPORT}/model.onnx`)) throw noExport(run);
  const paths = [
    ["README.md", run.card],
    ["config.json", run.config],
    [`${CHECKPOINTS}/${basename(checkpoint)}`, checkpoint],
    ...exported.map((name) => [name, run.file(name)]),
  ];
  const files = await Promise.all(
    paths.map(async ([path, from]) => ({ path, from, size: (await Deno.stat(from)).size })),
  );
  const there = (await Array.fromAsync(Deno.readDir(run.path))).map(({ name }) => name).sort();
  const sent = [basename(run.card), basename(run.config), CHECKPOINTS, ...exported.length ? [EXPORT] : []];
  return {
    run,
    files,
    left: there.filter((name) => !sent.includes(name)),
    notes: [
      ...exported.length ? await exportNotes(run, checkpoint) : [],
      ...await cardNotes(run),
      ...machineNotes(configOf(loaded, checkpoint), Object.values(loaded.about.encoders).map(({ id }) => id)),
    ],
  };
}

/** Returns a note if the checkpoint is newer than its export. */
async function exportNotes(run: RunFolder, checkpoint: string): Promise<string[]> {
  const [weights, graph] = await Promise.all(
    [checkpoint, run.file(`${EXPORT}/${EXPORTED[0]}`)].map(async (path) => (await Deno.stat(path)).mtime),
  );
  return weights && graph && weights > graph
    ? [`The checkpoint is newer than the ONNX export: '${exporting(run)} --overwrite' writes it again.`]
    : [];
}

/** Returns notes on a card that lacks something. */
async function cardNotes(run: RunFolder): Promise<string[]> {
  const results = Object.values(await readResults(run)), text = await Deno.readTextFile(run.card);
  const head = /^---\n([\s\S]*?)\n---\n/.exec(text)?.[1] ?? "";
  return [
    ...results.length === 0 || results.some(({ outdated }) => outdated)
      ? [`The card has results of earlier weights or none. '${evaluation(run)}' measures these.`]
      : [],
    ...results.length > 0 && !("test" in await readResults(run)) ? ["The card has no results on test."] : [],
    ...!/^license:/m.test(head)
      ? [
        `The card names no licence. Write 'license: <id>' below the first line of ${run.card}, or on the hub.`,
      ]
      : [],
  ];
}

/** Returns notes on what the files tell of this machine, and on what others need beside them. */
function machineNotes(config: ReturnType<typeof configOf>, encoders: readonly string[]): string[] {
  const { data, out, cache, use, text, audio } = config;
  const folders = [text, audio].flatMap((name) => name.split("+")).map((name) =>
    /^[\w-]+:([^#]+)/.exec(name)?.[1] ?? ""
  );
  const paths = [
    ...new Set(
      [data, out, cache, ...use, ...folders].filter((path) => isAbsolute(path.replace(/^[\w-]+:/, ""))),
    ),
  ];
  const local = encoders.flatMap((id) => id.split("+")).filter((id) =>
    /^[\w-]+:/.test(id) && existsSync(/:([^#]+)/.exec(id)![1])
  );
  return [
    ...paths.length
      ? [`config.json, the checkpoint and the card name paths of this machine: ${paths.join(", ")}.`]
      : [],
    ...local.length
      ? [`The model reads ${local.join(" and ")}, which is not sent: others need the same weights there.`]
      : [],
    ...use.length
      ? [
        `The model needs ${use.map((path) => basename(path)).join(" and ")}, and code is not sent: publish ` +
        `${count(use.length, "module")} yourself, from ${MODULES} in the run.`,
      ]
      : [],
  ];
}

const evaluation = (run: RunFolder, split = "dev"): string =>
  commandLine("evaluate", [`--run=${run.path}`, `--split=${split}`]);

function requireCard(run: RunFolder): void {
  if (existsSync(run.card)) return;
  throw badInput({
    expected: "a run with a model card",
    found: `no ${basename(run.card)}`,
    at: run.path,
    todo: `'${evaluation(run)}' writes it.`,
  });
}

const exportPath = (run: RunFolder): string => join(run.path, EXPORT, EXPORTED[0]);

const exporting = (run: RunFolder): string =>
  commandLine("export", [`--checkpoint=${run.path}`, `--to=${exportPath(run)}`]);

const noExport = (run: RunFolder) =>
  badInput({
    expected: "an ONNX export in the run",
    found: "none",
    at: exportPath(run),
    todo: `Write it with '${exporting(run)}', or leave --onnx out.`,
  });
