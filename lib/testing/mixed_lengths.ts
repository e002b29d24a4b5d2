/**
 * A program that works without a pause on texts and clips of mixed lengths: it encodes, trains, and predicts.
 * After each round it prints a line of JSON with its memory and open files. Arguments: minutes, and a folder.
 */
import * as tf from "@tensorflow/tfjs-core";
import { stringify } from "csv-stringify/sync";
import { clipPath, loadAudio, loadDataset } from "../data/mod.ts";
import { infer, trainRun } from "../jobs/mod.ts";
import { wav16 } from "../jobs/testing.ts";
import { configure } from "../project.ts";
import { type Random, random, seedOf } from "../random.ts";

/** What the program tells after a round. */
export interface Round {
  /** Number of the round, from 0. */
  round: number;
  /** Seconds since the start. */
  seconds: number;
  /** Resident memory in MiB. */
  memory: number;
  /** Open file handles. */
  handles: number;
  /** Live tensors. */
  tensors: number;
}

const ROWS = 12;
/** Longest clip in seconds, and most sentences of a text. */
const LONGEST = 12, MOST_SENTENCES = 12;
const METHODS = ["attention_pooling", "early_fusion", "fine_grained", "memocmt"];

/** Makes a manifest whose texts are several of the sample's sentences, and whose clips are as mixed. */
async function mixedData(folder: string, draw: Random): Promise<string> {
  const { rows, root } = await loadDataset("sample"), pick = () => rows[draw.integer(rows.length)];
  const table: string[][] = [["id", "split", "text", "audio", "label"]];
  for (let i = 0; i < ROWS; i++) {
    const text = Array.from({ length: 1 + draw.integer(MOST_SENTENCES) }, () => pick().text).join(" ");
    const sound = await loadAudio(clipPath(root, rows.find(({ audio }) => audio)!.audio!));
    const length = 800 + draw.integer(LONGEST * 16_000);
    const samples = Float32Array.from({ length }, (_, k) => sound[k % sound.length]);
    await Deno.writeFile(`${folder}/${i}.wav`, wav16(samples));
    const split = i % 4 === 3 ? "dev" : "train", label = ["joy", "anger"][i % 2];
    table.push([`${i}`, split, i % 7 === 6 ? "" : text, i % 7 === 5 ? "" : `${i}.wav`, label]);
  }
  await Deno.writeTextFile(`${folder}/manifest.csv`, stringify(table));
  return `${folder}/manifest.csv`;
}

/** Encodes, trains and predicts once, with rows of new lengths. */
async function work(folder: string, round: number): Promise<void> {
  const draw = random(seedOf("mixed lengths", round));
  await Deno.mkdir(folder);
  const data = await mixedData(folder, draw), cache = `${folder}/cache`;
  const method = METHODS[round % METHODS.length], name = "run";
  const config = configure({ data, method, epochs: 1, batch_size: 4, out: folder, name, cache });
  for await (const _ of trainRun(config, { controls: false }));
  await infer(`${folder}/run`, await loadDataset(data), { cacheDir: cache });
  await Deno.remove(folder, { recursive: true });
}

if (import.meta.main) {
  const [minutes, folder] = Deno.args, began = performance.now();
  for (let round = 0; performance.now() - began < Number(minutes) * 60_000; round++) {
    await work(`${folder}/${round}`, round);
    const line: Round = {
      round,
      seconds: Math.round((performance.now() - began) / 1000),
      memory: Math.round(Deno.memoryUsage().rss / 2 ** 20),
      handles: [...Deno.readDirSync("/proc/self/fd")].length,
      tensors: tf.memory().numTensors,
    };
    console.log(JSON.stringify(line));
  }
}
