/** What is done to the text of utterances before anything else reads it. */

const WINDOWS_1252 = new TextDecoder("windows-1252");

/**
 * Control characters U+0080 to U+009F put back to what they were in Windows-1252 (U+0092 to ’, U+0085 to …): text that
 * was decoded as Latin-1 carries them, and they are never meant. The published CSV files of MELD have them.
 */
export const repairText = (text: string): string =>
  text.replaceAll(/[\u0080-\u009f]/g, (char) => WINDOWS_1252.decode(Uint8Array.of(char.charCodeAt(0))));

/** Letters and digits in lower case with single spaces: two texts that read alike become the same. */
export const normaliseText = (text: string): string =>
  text.normalize("NFKC").toLowerCase().replaceAll(/['’‘]/g, "").replaceAll(/[^\p{L}\p{N}]+/gu, " ").trim();
