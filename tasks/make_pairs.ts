/** Gives each text of one data set a clip of another with the same label, in the same split. */
import { relative, resolve } from "node:path";
import { z } from "zod";
import { clipPath, type Dataset, loadDataset, type Utterance } from "../lib/data/mod.ts";
import { csvText, writeFileAtomic } from "../lib/files/mod.ts";
import { fromProject } from "../lib/paths.ts";
import { random, seedOf } from "../lib/random.ts";
import { parseFlags } from "./cli/flags.ts";
import { main, type Task } from "./cli/main.ts";
import { tellNotes } from "./cli/output.ts";
import { requireOutput } from "./cli/output_file.ts";
import { count } from "./cli/show.ts";

const flags = z.strictObject({
  texts: z.string().describe(
    "Data set whose rows get a clip, e.g. meld:<folder>. Its own clips are not read.",
  ),
  clips: z.string().describe("Data set whose clips they get, e.g. ravdess:<folder>. Its texts are not read."),
  map: z.record(z.string(), z.string().nullable()).default({ calm: "neutral" }).describe(
    "Labels of the clips by those of the texts; null drops a label.",
  ),
  seed: z.int().min(0).default(1).describe("Seed of the choice."),
  output: z.string().describe("Folder to write pairs.csv, texts.csv and clips.csv to."),
  overwrite: z.boolean().default(false).describe("Replace these files."),
});

export const task: Task = {
  name: "make_pairs",
  summary: "Pairs texts with clips of the same label, as the data of lib/pretrained are made.",
  flags,
  examples: [[
    "deno run --allow-read --allow-write --allow-env tasks/make_pairs.ts --texts meld:outputs/data/meld " +
    "--clips ravdess:outputs/data/ravdess --output outputs/data/pairs",
    "the data of tasks/recipes/pretrained.json",
  ]],
  notes: "pairs.csv has every text, with a clip. texts.csv and clips.csv have the same rows apart: a model " +
    "that reads both modalities is evaluated on them with one alone. The label of a pair is true of both, " +
    "but nobody said these words in this voice: results on pairs are not those of a corpus.",

  async run(args) {
    const { texts, clips, map, seed, output, overwrite } = parseFlags(flags, args);
    const read = await loadDataset(texts, { modalities: ["text"] });
    const heard = await loadDataset(clips, { modalities: ["audio"], labelMap: map });
    const folder = fromProject(output), { rows, alone } = pairs(read, heard, seed);
    const files: Record<string, Utterance[]> = {
      "pairs.csv": rows,
      "texts.csv": read.rows.map(({ audio: _, ...row }) => row),
      "clips.csv": heard.rows.map(({ text: _, ...row }) => row),
    };
    for (const [name, rows] of Object.entries(files)) {
      const path = `${folder}/${name}`;
      await requireOutput(path, { flag: "--output", overwrite, inputs: [texts, clips] });
      const absolute = rows.map((row) =>
        row.audio ? { ...row, audio: clipPath(heard.root, row.audio) } : row
      );
      await writeFileAtomic(path, manifest(absolute, folder));
      console.log(`${path}  ${count(rows.length, "row")}`);
    }
    if (alone > 0) {
      tellNotes([`${count(alone, "text")} got no clip: none of its split has the label`]);
    }
  },
};

/**
 * Returns the rows of `texts`, each with a clip of its label and split. The clips of a label are dealt in a
 * random order, each as often as the others. `alone` counts texts without a clip of their label.
 */
export function pairs(
  texts: Pick<Dataset, "rows">,
  clips: Pick<Dataset, "rows">,
  seed: number,
): { rows: Utterance[]; alone: number } {
  const keyOf = ({ split, label }: Utterance) => `${split} ${label}`;
  const stacks = Map.groupBy(clips.rows.filter(({ audio }) => audio), keyOf);
  const left = new Map<string, Utterance[]>(), draws = random(seedOf(seed, "pairs"));
  const deal = (key: string): string | undefined => {
    if (!left.get(key)?.length) left.set(key, draws.shuffle(stacks.get(key) ?? []));
    return left.get(key)!.pop()?.audio;
  };
  const rows = texts.rows.map((row) => ({ ...row, audio: deal(keyOf(row)) }));
  return { rows, alone: rows.filter(({ audio }) => audio === undefined).length };
}

const COLUMNS = ["id", "split", "text", "audio", "label", "speaker", "dialogue", "turn", "gender"] as const;

/** Returns rows as a manifest in `folder`, with the paths of clips from there. */
function manifest(rows: readonly Utterance[], folder: string): string {
  const columns = COLUMNS.filter((name) => rows.some((row) => row[name] !== undefined));
  const cell = (row: Utterance, name: typeof COLUMNS[number]) =>
    name === "audio" && row.audio ? relative(resolve(folder), resolve(row.audio)) : row[name] ?? "";
  return csvText([columns, ...rows.map((row) => columns.map((name) => cell(row, name)))], { formulas: true });
}

if (import.meta.main) await main(task);
