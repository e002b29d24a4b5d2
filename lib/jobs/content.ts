/**
 * What a run's rows contain, wherever they lie: labels and texts as written, clips by the bytes of their
 * files. Paths, ids and the data's own name don't count, so that data may move.
 */
import { join } from "node:path";
import { clipPath, type Dataset, type Split, type Utterance } from "../data/mod.ts";
import { fileKeys, fingerprint, type FrozenEncoder, type Modality, storedContent } from "../encoders/mod.ts";
import { badInput } from "../errors.ts";
import type { CheckpointAbout } from "../train/mod.ts";

type Rows = NonNullable<CheckpointAbout["rows"]>;

/** Fingerprints of a split's labels, texts and clips, and of where rows belong: dialogue, speaker etc. */
export interface SplitContent {
  labels: string;
  text?: string;
  audio?: string;
  dialogue?: string;
}

/** The content of the rows by split. */
export type Content = Partial<Record<Split, SplitContent>>;

/**
 * Returns the content of these splits. A clip is read unless the index in the cache folder knows its size and
 * times. For encoders of stored features, the content is that of the features.
 */
export async function contentOf(
  { rows, root }: Pick<Dataset, "rows" | "root">,
  splits: readonly Split[],
  modalities: readonly Modality[],
  { cache, encoders = {}, signal }: {
    cache: string;
    encoders?: Partial<Record<Modality, FrozenEncoder<never>>>;
    signal?: AbortSignal;
  },
): Promise<Content> {
  const content: Content = {};
  for (const split of splits) {
    const own = rows.filter((row) => row.split === split);
    const part = (values: readonly unknown[]) => fingerprint(JSON.stringify(values));
    const paths = own.map(({ audio }) => audio === undefined ? undefined : clipPath(root, audio));
    const keysOf = async () => {
      const files = [...new Set(paths.flatMap((path) => path ?? []))];
      return await fileKeys(files, join(cache, "files.json"), { signal });
    };
    const stored = async (modality: Modality) =>
      encoders[modality]?.stored && STORED + part(await storedContent(encoders[modality], rows, own, signal));
    const features = { text: await stored("text"), audio: await stored("audio") };
    const keys = modalities.includes("audio") && !features.audio ? await keysOf() : undefined;
    content[split] = {
      labels: part(own.map(({ label, target }) => target ?? label ?? null)),
      ...modalities.includes("text") &&
        { text: features.text ?? part(own.map(({ text }) => text ?? null)) },
      dialogue: part(own.map(placeIn(own))),
      ...features.audio && { audio: features.audio },
      ...keys && { audio: part(paths.map((path) => path === undefined ? null : keys.get(path) ?? "")) },
    };
  }
  return content;
}

/** Returns where a row belongs. Sessions and corpora count only if some row has one. */
function placeIn(rows: readonly Utterance[]): (row: Utterance) => unknown[] {
  const isWide = rows.some(({ session, corpus }) => session !== undefined || corpus !== undefined);
  return ({ dialogue, turn, speaker, session, corpus }) => [
    ...[dialogue, turn, speaker],
    ...isWide ? [session, corpus] : [],
  ];
}

const WORDS = { labels: "labels", text: "texts", audio: "clips", dialogue: "dialogues or speakers" } as const;
/** Starts the fingerprint of stored features. */
const STORED = "features:";

/** Returns what differs in the splits that both have: "other texts in dev". */
export const differences = (before: Content, now: Content): string[] =>
  (Object.keys(before) as Split[]).flatMap((split) => {
    const then = before[split]!, found = now[split];
    if (!found) return [];
    return (["labels", "text", "audio", "dialogue"] as const)
      .filter((part) => then[part] && then[part] !== found[part])
      .map((part) => {
        const isStored = found[part]?.startsWith(STORED) || then[part]!.startsWith(STORED);
        return `other ${isStored ? `features of ${part}` : WORDS[part]} in ${split}`;
      });
  });

/**
 * Throws UndertoneError, with what differs, if the rows are not those of the training. Runs of version 0.1
 * know the paths of their clips instead of the content.
 */
export function requireSameRows(before: Rows | undefined, now: Rows, data: string): void {
  const counts = (["train", "dev"] as const).filter((split) => before?.[split] !== now[split])
    .map((split) => `${now[split]} rows in ${split} instead of ${before?.[split] ?? 0}`);
  const others = before?.content
    ? differences(before.content, now.content!)
    : before?.fingerprint === now.fingerprint
    ? []
    : ["other ids, labels, texts or paths of clips"];
  const found = [...counts, ...others];
  if (found.length === 0) return;
  throw badInput({
    expected: "the rows that the run was trained on",
    found: found.join(", "),
    at: data,
    todo:
      "If they lie elsewhere, name the place with --data. To train on other rows, start a new run from these " +
      "weights with --init.",
  });
}
