export * from "./ablation/ablate.ts";
export { ablationSoFar } from "./ablation/live.ts";
export { type RecipeComparison } from "./ablation/comparisons.ts";
export { ablationComparisons, comparisonTables, gainText } from "./ablation/comparisons_table.ts";
export { ablationFigure, ablationTable, publishedNotes } from "./ablation/report.ts";
export { ablateCell, type OpenCells, openCells, type Part } from "./ablation/cell.ts";
export {
  launchedConfig,
  launchFolder,
  type LaunchOptions,
  planLaunch,
  type PlannedLaunch,
} from "./ablation/launch.ts";
export { neededPaths } from "./needed_paths.ts";
export { type AblationCellState } from "./ablation/state.ts";
export * from "./ablation/status.ts";
export type { AblationResults, ClassSpread, Gain, Measured, SystemResult } from "./ablation/table.ts";
export { writeAudit } from "./audit_page.ts";
export * from "./background.ts";
export { certainty } from "./certainty.ts";
export { crossCorpora, type CrossEvent, type CrossOptions } from "./cross/cross_corpora.ts";
export { crossFigure, type CrossMetric, crossTable, crossTexts } from "./cross/report.ts";
export type { CrossCell, CrossCorpus, CrossResults } from "./cross/results.ts";
export { trainingCurves } from "./curves.ts";
export * from "./evaluate.ts";
export * from "./export.ts";
export { crossValidate, type FoldsEvent } from "./folds/cross_validate.ts";
export { runsFolds } from "./folds/open.ts";
export { eachFoldTable, foldsTable, foldsTexts } from "./folds/report.ts";
export type { FoldScores, FoldsGain, FoldsResults, FoldsSystem, PlannedFold } from "./folds/results.ts";
export type { Attention, CrossAttention, WeightedSpan } from "./explain/attention.ts";
export type { Contribution } from "./explain/contributions.ts";
export { confidentErrors } from "./explain/errors.ts";
export { type Agreement, explain, type ExplainOptions, type Explanation } from "./explain/explain.ts";
export { explanationFigures } from "./explain/figures.ts";
export type { Occluding } from "./explain/occlusion.ts";
export { writeContributions, writeExplanation } from "./explain/page.ts";
export { requirePagePath } from "./pages.ts";
export { modalityContributions, type SplitContributions } from "./explain/split.ts";
export type { Word } from "./explain/words.ts";
export { evaluateForeign, type ForeignEvaluation, type ForeignOptions } from "./foreign_model.ts";
export { GROUP_KEYS, type GroupKeyName } from "./groups.ts";
export { type GivenFeatures } from "./given_features.ts";
export * from "./infer.ts";
export type { Inference, InferOptions } from "./inference.ts";
export { type Prediction, predictionsCsv, setText } from "./predictions.ts";
export { type Pushable, pushable } from "./pushable.ts";
export * from "./prepare.ts";
export { isPretrained, PRETRAINED, PRETRAINED_IS } from "./pretrained.ts";
export * from "./run_folder.ts";
export { type Format, formatOf, FORMATS, noteOf, recordingFiles, writeRecording } from "./recording/files.ts";
export {
  inferRecording,
  type Recording,
  type RecordingEvent,
  type RecordingOptions,
  type Segment,
  type SoundBytes,
} from "./recording/infer_recording.ts";
export { type WriteReportOptions, writeRunsReport, type WrittenReport } from "./report/write.ts";
export type { ReportOptions } from "./report/several.ts";
export { requireDataSource } from "./required_code.ts";
export * from "./resume.ts";
export { loadOtherData, loadRunData, rowsReading } from "./run_data.ts";
export {
  type TimedText,
  transcribe,
  type TranscribeEvent,
  type TranscribeOptions,
  type Transcript,
} from "./transcribe/mod.ts";
export * from "./train.ts";
export * from "./run_event.ts";
export { type ClusteredInterval } from "./scored.ts";
export * from "./split_result.ts";
export { fit, labelled } from "./fit.ts";
export { readResults, systemsOf, writeRejected } from "./results.ts";
export { doctor, type Finding } from "./doctor.ts";
export { type UsedModule, useFlags, useModules } from "./user_modules.ts";
export { importanceTable, scoreText, searchTable, winnerText } from "./search/report.ts";
export type { Importance, SearchResults, Trial, Winner } from "./search/results.ts";
export {
  launchedSearch,
  type PlannedSearch,
  planSearchLaunch,
  type SearchLaunchOptions,
} from "./search/launch.ts";
export { type SearchOptions } from "./search/open.ts";
export { type SearchStatus, searchStatus } from "./search/status.ts";
export { searchWorker } from "./search/worker.ts";
export { search, type SearchEvent } from "./search/search.ts";
export { requireStatesPath, writeStates } from "./states.ts";
export type { Frame } from "./frames/danfo.ts";
export { frame, type Framed } from "./frames/frame.ts";
export type { FrameRecord } from "./frames/records.ts";
export { findPython, HOW_TO_GET_NBCLIENT } from "./python.ts";
export type { UnitKind } from "./units.ts";
export { type ComparedResult, compareRuns, type RunComparison, type RunDifference } from "./runs/compare.ts";
export type { RunKind } from "./runs/kinds.ts";
export { listRuns, type ListRunsOptions, RUN_SORTS, type RunList, type RunSort } from "./runs/list.ts";
export { removable, removeRun } from "./runs/remove.ts";
export { diskUse } from "./runs/size.ts";
export { mainOf, type RunSummary } from "./runs/summary.ts";
