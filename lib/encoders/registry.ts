/** Encoders by name, built-in and registered. Each is loaded once, on first use. */
import { badInput, nearest } from "../errors.ts";
import { modelPlace } from "../hub/mod.ts";
import { type RegisterOptions, type Registry, registry, requireParts } from "../registry.ts";
import { type EncoderEntry, formOf, SPEECH, TEXT } from "./built_in.ts";
import { concatenateEncoders } from "./concatenate.ts";
import type { FrozenEncoder, Modality, SpeechEncoder, TextEncoder } from "./encoder.ts";
import { currentVersion, partsOf } from "./versions.ts";

/** Loaded encoders by kind, then by full name (id and argument). */
const loaded = { text: new Map<string, Promise<unknown>>(), speech: new Map<string, Promise<unknown>>() };

const registries = {
  text: registry("a text encoder", { builtIn: TEXT }),
  audio: registry("a speech encoder", { builtIn: SPEECH, aliases: { acoustic: currentVersion("acoustic") } }),
};

/** Returns the entries of a modality, with the input type left open. */
export const entriesOf = (modality: Modality): readonly EncoderEntry<never>[] => registries[modality].all();

/**
 * Returns every text encoder, the default first.
 *
 * @example
 * ```ts
 * import { textEncoders } from "@undertone/undertone";
 *
 * console.log(textEncoders().map(({ id, summary }) => `${id}: ${summary}`).join("\n"));
 * ```
 */
export const textEncoders = (): readonly EncoderEntry<string>[] => registries.text.all();

/**
 * Returns every speech encoder, the default first.
 *
 * @example
 * ```ts
 * import { speechEncoders } from "@undertone/undertone";
 *
 * console.log(speechEncoders().map(({ id, licence }) => `${id}: ${licence}`).join("\n"));
 * ```
 */
export const speechEncoders = (): readonly EncoderEntry<Float32Array>[] => registries.audio.all();

/**
 * Adds a text encoder, so that `--text <id>` selects it. Throws UndertoneError if its id is taken or a part
 * is missing.
 *
 * @example
 * ```ts
 * import { registerTextEncoder } from "@undertone/undertone";
 *
 * registerTextEncoder({
 *   id: "letter-counts",
 *   summary: "One state: how often each letter occurs",
 *   licence: "MIT",
 *   load: () =>
 *     Promise.resolve({
 *       id: "letter-counts",
 *       modality: "text",
 *       fingerprint: "letter-counts-1", // change it whenever the states change
 *       width: 26,
 *       encode: (texts) =>
 *         Promise.resolve(texts.map((text) => {
 *           const data = new Float32Array(26);
 *           for (const letter of text.toLowerCase()) {
 *             const i = letter.charCodeAt(0) - 97;
 *             if (i >= 0 && i < 26) data[i]++;
 *           }
 *           return { data, length: 1, width: 26 };
 *         })),
 *     }),
 * });
 * ```
 */
export const registerTextEncoder = (entry: EncoderEntry<string>, options?: RegisterOptions): void =>
  register("text", registries.text, entry, options);

/**
 * Adds a speech encoder, so that `--audio <id>` selects it. Its input is mono samples at 16 kHz. Throws
 * UndertoneError if its id is taken or a part is missing.
 *
 * @example
 * ```ts
 * import { registerSpeechEncoder } from "@undertone/undertone";
 *
 * registerSpeechEncoder({
 *   id: "loudness",
 *   summary: "Mean energy of every tenth of a second",
 *   licence: "MIT",
 *   load: () =>
 *     Promise.resolve({
 *       id: "loudness",
 *       modality: "audio",
 *       fingerprint: "loudness-1", // change it whenever the states change
 *       width: 1,
 *       rate: 10, // Hz
 *       encode: (clips) =>
 *         Promise.resolve(clips.map((samples) => {
 *           const length = Math.ceil(samples.length / 1600), data = new Float32Array(length);
 *           samples.forEach((sample, i) => data[Math.floor(i / 1600)] += sample ** 2 / 1600);
 *           return { data, length, width: 1 };
 *         })),
 *     }),
 * });
 * ```
 */
export const registerSpeechEncoder = (entry: EncoderEntry<Float32Array>, options?: RegisterOptions): void =>
  register("speech", registries.audio, entry, options);

function register<In>(
  kind: keyof typeof loaded,
  into: Registry<EncoderEntry<In>>,
  entry: EncoderEntry<In>,
  options?: RegisterOptions,
): void {
  requireParts("an encoder", entry, ["summary", "licence", "load"]);
  into.add(entry, options);
  for (const name of loaded[kind].keys()) if (name.split(":")[0] === entry.id) loaded[kind].delete(name);
}

/**
 * Returns the text encoder called `id`. Throws UndertoneError, with the nearest name, if there is none.
 *
 * @example
 * ```ts
 * import { textEncoder } from "@undertone/undertone";
 *
 * const encoder = await textEncoder("use-lite");
 * const [states] = await encoder.encode(["You did what?"]); // one sequence [length,512]
 * ```
 */
export const textEncoder = (id: string): Promise<TextEncoder> => encoder("text", textEncoders(), id);

/**
 * Returns the speech encoder called `id`, or several of one rate concatenated: `speech-embedding+prosody`.
 * Throws UndertoneError, with the nearest name, if there is none.
 *
 * @example
 * ```ts
 * import { speechEncoder } from "@undertone/undertone";
 *
 * const encoder = await speechEncoder("log-mel+prosody");
 * const [states] = await encoder.encode([new Float32Array(16000)]); // a second of silence, 12.5 Hz
 * ```
 */
export async function speechEncoder(id: string): Promise<SpeechEncoder> {
  const parts: SpeechEncoder[] = [];
  for (const part of partsOf(currentVersion(id))) parts.push(await encoder("speech", speechEncoders(), part));
  return parts.length === 1 ? parts[0] : concatenateEncoders(parts);
}

/** Returns whether the encoder of this name finds states by the names of rows. Loads nothing. */
export const isStored = (modality: Modality, name: string): boolean =>
  entriesOf(modality).some(({ id, stored }) => stored && id === name.split(":")[0]);

/**
 * Throws UndertoneError, with the nearest name, if no encoder of this modality has the name. Loads nothing.
 */
export function requireEncoder(modality: Modality, name: string): void {
  if (modality === "text") entryOf("text", textEncoders(), name);
  else for (const part of partsOf(currentVersion(name))) entryOf("speech", speechEncoders(), part);
}

function entryOf<In>(
  kind: keyof typeof loaded,
  entries: readonly EncoderEntry<In>[],
  id: string,
): { entry: EncoderEntry<In>; argument: string } {
  const [name, ...rest] = id.split(":");
  const argument = rest.join(":");
  const entry = entries.find((entry) => entry.id === name);
  if (!entry || Boolean(entry.argument) !== Boolean(argument)) {
    const forms = entries.map(formOf);
    const meant = nearest(name, entries.map((entry) => entry.id));
    throw badInput({
      expected: `a ${kind} encoder (${forms.join(", ")})`,
      found: `'${id}'`,
      at: `the name of the ${kind} encoder`,
      todo: meant
        ? `Did you mean '${forms[entries.findIndex(({ id }) => id === meant)]}'?`
        : "Name one of these.",
    });
  }
  return { entry, argument };
}

async function encoder<In>(
  kind: keyof typeof loaded,
  entries: readonly EncoderEntry<In>[],
  id: string,
): Promise<FrozenEncoder<In>> {
  const { entry, argument } = entryOf(kind, entries, id);
  if (entry.stored) return await entry.load(argument); // files may have changed since
  const known = loaded[kind];
  if (!known.has(id)) known.set(id, entry.argument ? fromFolder(entry, argument) : entry.load(""));
  try {
    return await known.get(id) as FrozenEncoder<In>;
  } catch (error) {
    known.delete(id); // try again next time: a missing file may be there then
    throw error;
  }
}

/** Drops the loaded encoder of this name, with its weights. The next use loads it again. */
export function forgetEncoder(modality: Modality, name: string): void {
  const known = loaded[modality === "text" ? "text" : "speech"];
  for (const part of modality === "text" ? [name] : partsOf(currentVersion(name))) known.delete(part);
}

/**
 * Loads an encoder from a folder or from the added model of that name. It keeps the name by which it was
 * requested.
 */
async function fromFolder<In>(entry: EncoderEntry<In>, argument: string): Promise<FrozenEncoder<In>> {
  const [, name, choice] = argument.match(/^(.*?)((?:#\w+)?(?:#q8)?)$/)!;
  const { folder, notes } = await modelPlace(entry.id, name);
  const encoder = await entry.load(folder + choice);
  return { ...encoder, id: `${entry.id}:${argument}`, notes: [...notes, ...encoder.notes ?? []] };
}
