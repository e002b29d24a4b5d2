/** The registry of data sources: the built-in ones, and those that a user's module or notebook adds. */
import { badInput } from "../../errors.ts";
import { type RegisterOptions, registry, requireParts } from "../../registry.ts";
import { manifest } from "./manifest.ts";
import { emobox } from "./emobox.ts";
import { corpora } from "./corpora/built_in.ts";
import { files } from "./files.ts";
import { sample } from "./sample.ts";
import { tables } from "./tables.ts";
import type { DataSource } from "./source.ts";

const sources = registry<DataSource>("a data source", {
  builtIn: [sample, manifest, ...corpora, emobox, tables, files],
});

/**
 * Adds a data source. `loadDataset` and `--data` then recognise its files and folders, and `<id>:<path>`
 * forces it. Throws UndertoneError if its id is taken or a part is missing.
 *
 * @example
 * ```ts
 * import { loadDataset, registerDataSource } from "@undertone/undertone";
 *
 * // Clips whose names say it all: dev_12_joy.wav.
 * const NAME = /^(train|dev|test)_(\d+)_(\w+)\.wav$/;
 *
 * registerDataSource({
 *   id: "named-clips",
 *   name: "clips named by split and label",
 *   summary: "a folder of clips like dev_12_joy.wav",
 *   async recognise(_, place) {
 *     if (place.kind !== "folder") return undefined;
 *     const clips = (await place.files()).filter((file) => NAME.test(file));
 *     return clips.length > 0 ? { strength: 60, reason: `${clips.length} clips like ${clips[0]}` } : undefined;
 *   },
 *   read: async (folder, place) => ({
 *     root: folder,
 *     candidates: (await place.files()).flatMap((file) => {
 *       const [, split, id, label] = NAME.exec(file) ?? [];
 *       return split ? [{ at: `${folder}/${file}`, id: `${split}_${id}`, split, label, audio: file }] : [];
 *     }),
 *   }),
 * });
 *
 * const folder = await Deno.makeTempDir();
 * for (const name of ["train_1_joy", "train_2_anger", "dev_1_joy"]) {
 *   await Deno.writeTextFile(`${folder}/${name}.wav`, "");
 * }
 * console.log((await loadDataset(folder)).rows.length); // 3
 * console.log((await loadDataset(`named-clips:${folder}`)).labels); // ["anger", "joy"]
 * ```
 */
export function registerDataSource(source: DataSource, options?: RegisterOptions): void {
  requireParts("a data source", source, ["name", "summary", "recognise", "read"]);
  if (String(source.id).length === 1) {
    throw badInput({
      expected: "a data source whose id has several letters",
      found: `'${source.id}'`,
      at: "its registration",
      todo: `Choose a longer id: '${source.id}:' before a path can be a Windows drive.`,
    });
  }
  sources.add(source, options);
}

/**
 * Returns all data sources, in the order in which they were added.
 *
 * @example
 * ```ts
 * import { dataSources } from "@undertone/undertone";
 *
 * console.log(dataSources().map(({ id, summary }) => `${id}: ${summary}`).join("\n"));
 * ```
 */
export const dataSources = (): DataSource[] => sources.all();

/** Returns whether a data source has this id. */
export const isDataSource = (id: string): boolean => sources.has(id);

/**
 * Says in a sentence which paths the sources read, for the help: published corpora by their names, other
 * sources by their summaries.
 */
export function dataSourcesText(): string {
  const isCorpus = new Set(corpora), others = dataSources().filter((source) => !isCorpus.has(source));
  const kinds = others.map(({ summary }) => summary).join("; ");
  const names = corpora.map(({ id, name }) => `${name} (${id}:)`).join(", ");
  const ids = others.filter(({ words }) => !words).map(({ id }) => `${id}:`).join(" ");
  return `Data set: ${kinds}; or a corpus as published: ${names}. A prefix before the path sets the kind, such ` +
    `as those in brackets, or ${ids}. docs/CORPORA.md has more.`;
}
