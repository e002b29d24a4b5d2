/** Loads data sets as rows, audits them, and makes batches of their hidden states. */
export * from "./audio/mod.ts";
export * from "./audit.ts";
export * from "./augment/mod.ts";
export * from "./batch.ts";
export { coverageNotes } from "./coverage.ts";
export * from "./cut.ts";
export { decodeClips, type DecodedClips, type DecodeOptions } from "./decode_clips.ts";
export * from "./dialogue.ts";
export { auditFolds, type FoldAudit, type FoldsAudit, foldsAuditLines } from "./folds/audit.ts";
export { type Fold, foldsOf } from "./folds/folds.ts";
export { hasFolds, PROTOCOL, type Protocol, protocolNamed, PROTOCOLS } from "./folds/protocol.ts";
export * from "./group_statistics.ts";
export { LABEL_SPACES, labelInSpace, labelsOfSpace } from "./label_spaces.ts";
export * from "./load.ts";
export { manifestCsv, type ManifestRow, type ManifestRows, readManifestRows } from "./manifest_rows.ts";
export {
  type LabelMap,
  type LabelMapping,
  labelReader,
  type LabelReading,
  mappingWords,
} from "./map_labels.ts";
export type { CsvRow, CsvTable } from "./csv.ts";
export { listFiles } from "./folder.ts";
export * from "./normalize.ts";
export * from "./sequence.ts";
export * from "./sources/mod.ts";
export * from "./split.ts";
export * from "./standardize.ts";
export { targetsIn } from "./target.ts";
export { machineSource } from "./text_source.ts";
export * from "./utterance.ts";
export type { ValueRange } from "./value_ranges.ts";
export { SAMPLE_MANIFEST } from "./sample/mod.ts";
export { requireFlacEncoder } from "./audio/flac.ts";
export { type SoundWriter, soundWriter } from "./sound.ts";
export { type Planned, planSample } from "./sample/plan.ts";
export { shape } from "./sample/shape.ts";
