/** The encoding that a file may have been saved in: for advice alone, never to read by. */
import { analyse } from "chardet";

/** As `--encoding` takes them, where the detector's name is another. */
const NAMES: Record<string, string> = { "iso-8859-1": "windows-1252", "iso-8859-9": "windows-1254" };

/** The likeliest encoding of `sample` that `fits` the whole file, by the frequency of its characters. */
export function guessEncoding(sample: Uint8Array, fits: (encoding: string) => boolean): string | undefined {
  return analyse(sample)
    .map(({ name }) => NAMES[name.toLowerCase()] ?? name.toLowerCase())
    .find((name) => name !== "ascii" && !name.startsWith("utf-") && fits(name));
}
