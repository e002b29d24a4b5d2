/**
 * Reads the metadata of EmoBox (Ma et al. 2024, https://arxiv.org/abs/2406.07162): a folder `data/<corpus>`
 * with `label_map.json` and, for each fold, `fold_1/<corpus>_train_fold_1.jsonl` and the same for test and
 * perhaps valid. A `.json` of one object by key may stand for a `.jsonl`.
 */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { badInput } from "../../errors.ts";
import { readJson, wholeText } from "../../files/mod.ts";
import { type Rejection, type Split, splitNamed } from "../utterance.ts";
import type { Candidate, DataSource, Place, SourceRows } from "./source.ts";

/** A file of one split of one fold. */
const FILE = /^fold_(\d+)\/[^/]+_(train|valid|test)_fold_\1\.(jsonl|json)$/;

/** What corpora that are known to us tell in their keys. */
const KNOWN: Readonly<Record<string, (key: string) => Partial<Candidate>>> = {
  ravdess(key) {
    const [, actor] = /-(\d\d)$/.exec(key) ?? [];
    return actor ? { speaker: `actor_${actor}`, gender: Number(actor) % 2 === 1 ? "male" : "female" } : {};
  },
  iemocap(key) {
    const [, dialogue, session, who, turn] = /((Ses\d\d)[FM]_\w+)_([FM])(\d+)$/.exec(key) ?? [];
    return session
      ? { speaker: session + who, session, dialogue, gender: who === "F" ? "female" : "male", turn }
      : {};
  },
};

/** Recognises EmoBox's metadata by the names of its files. */
export const emobox: DataSource = {
  id: "emobox",
  name: "EmoBox's metadata",
  summary: "a folder of EmoBox's metadata (data/<corpus> with fold_1, …)",

  async recognise(_, place) {
    if (place.kind !== "folder") return undefined;
    const { length } = foldFiles(await place.files());
    return length > 0 ? { strength: 80, reason: `${length} fold files of EmoBox` } : undefined;
  },

  read: (path, place) => emoboxSource(path, place),
};

/** Returns the files of folds, one for each fold and split: `.jsonl` before `.json`. */
function foldFiles(files: readonly string[]): { path: string; fold: number; split: Split }[] {
  const found = files.flatMap((path) => {
    const [, fold, split, kind] = FILE.exec(path) ?? [];
    return kind ? [{ path, fold: Number(fold), split: splitNamed(split)!, kind }] : [];
  });
  return found.filter(({ path, kind }) =>
    kind === "jsonl" || !found.some((other) => other.path === `${path}l`)
  )
    .map(({ path, fold, split }) => ({ path, fold, split }));
}

/** One utterance as EmoBox describes it. */
type Entry = Partial<Record<"key" | "wav" | "emo" | "dataset", string>> & { start_time?: unknown };

/**
 * Returns the rows of all folds. Their splits are those of fold 1; `--protocol emobox` takes all folds. Clips
 * lie where the metadata say, relative to EmoBox's own folder, two levels above; or in the metadata's folder.
 * Throws UndertoneError if a file can't be read.
 */
async function emoboxSource(folder: string, place: Place): Promise<SourceRows> {
  const files = place.kind === "folder" ? foldFiles(await place.files()) : [];
  if (files.length === 0) {
    throw badInput({
      expected: "EmoBox's folds (fold_1/<corpus>_train_fold_1.jsonl, …)",
      found: place.kind === "folder" ? "none" : `a ${place.kind}`,
      at: folder,
      todo: "Name the folder data/<corpus> of EmoBox.",
    });
  }
  const labels = existsSync(join(folder, MAP))
    ? await readJson(join(folder, MAP)) as Record<string, string>
    : {};
  const entries = new Map<string, Entry & { at: string; splits: string[] }>();
  const rejected: Rejection[] = [];
  const count = Math.max(...files.map(({ fold }) => fold));
  for (const { path, fold, split } of files) {
    for (const { at, ...entry } of await entriesOf(join(folder, path))) {
      const key = entry.key ?? "", known = entries.get(key);
      const { splits } = known ?? { splits: new Array<string>(count).fill("") };
      if (key === "" || splits[fold - 1] !== "") {
        const reason = key === "" ? "no key" : `in several splits of fold ${fold}: ${key}`;
        rejected.push({ id: key || "(none)", at, reason });
        continue;
      }
      splits[fold - 1] = split;
      if (!known) entries.set(key, { ...entry, at, splits });
    }
  }
  const rows = [...entries.values()], first = rows[0]?.wav ?? "";
  const root = [join(folder, "../.."), folder].find((root) => existsSync(join(root, first))) ??
    join(folder, "../..");
  const candidates = rows.flatMap(
    ({ at, key = "", wav, emo = "", dataset = "", splits, start_time }): Candidate[] => {
      const label = Object.hasOwn(labels, emo)
        ? labels[emo]
        : Object.keys(labels).length === 0
        ? emo
        : undefined;
      const reason = start_time !== undefined
        ? "part of a clip: cut it out of its recording first"
        : label === undefined
        ? `unknown label: '${emo}' is not in ${MAP}`
        : undefined;
      if (reason) {
        rejected.push({ id: key, at, reason });
        return [];
      }
      return [{
        at,
        id: key,
        split: splits[0], // empty if only other folds have the row
        audio: wav,
        label,
        ...KNOWN[dataset]?.(key),
        folds: splits.join(","),
      }];
    },
  );
  return {
    name: basename(folder),
    root,
    candidates,
    rejected,
    notes: count > 1
      ? [`The splits are those of fold 1 of ${count}; --protocol emobox takes all folds.`]
      : [],
  };
}

/** EmoBox's map from the labels of a corpus to the classes. */
const MAP = "label_map.json";

/** Reads the entries of a file: an object per line, or one object by key. */
async function entriesOf(path: string): Promise<(Entry & { at: string })[]> {
  if (path.endsWith(".json")) {
    const byKey = await readJson(path) as Record<string, Entry>;
    return Object.entries(byKey).map(([key, entry]) => ({ ...entry, key, at: path }));
  }
  return wholeText(await Deno.readFile(path), path).split("\n").flatMap((line, i) => {
    if (line.trim() === "") return [];
    const at = `${path}, line ${i + 1}`;
    try {
      return [{ ...JSON.parse(line) as Entry, at }];
    } catch (cause) {
      const todo = "Fetch the file again.";
      throw badInput({ expected: "a JSON object on each line", found: line.slice(0, 60), at, todo }, cause);
    }
  });
}
