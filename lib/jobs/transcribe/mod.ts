/** Writes down the words of clips without text. */
export type { TimedText, Transcript } from "./record.ts";
export { transcribe, type TranscribeEvent, type TranscribeOptions } from "./transcribe.ts";
