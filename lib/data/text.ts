/** Repairs and normalises the text of utterances. */

const WINDOWS_1252 = new TextDecoder("windows-1252");

/**
 * Replaces the control characters U+0080 to U+009F by their Windows-1252 characters (U+0092 by ’, U+0085 by
 * …). Text that was decoded as Latin-1 contains them by mistake, as the published CSV files of MELD do.
 */
export const repairText = (text: string): string =>
  text.replaceAll(/[\u0080-\u009f]/g, (char) => WINDOWS_1252.decode(Uint8Array.of(char.charCodeAt(0))));

/**
 * Returns letters and digits in lower case with single spaces, so that texts that read the same become equal.
 */
export const normaliseText = (text: string): string =>
  text.normalize("NFKC").toLowerCase().replaceAll(/['’‘]/g, "").replaceAll(/[^\p{L}\p{N}]+/gu, " ").trim();
