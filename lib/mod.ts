/**
 * The public API of Undertone for notebooks and scripts: data, training, results, figures, and registration
 * of your own parts. Use `./nn` to write a head or an encoder, and `./testing` to check a head.
 *
 * @example A first training, on the embedded sample
 * ```ts
 * import { configure, trainRun } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const config = configure({ method: "text_only", epochs: 3, out });
 * for await (const event of trainRun(config)) {
 *   if (event.type === "result") console.log(event.result.metrics.weighted_f1);
 * }
 * ```
 *
 * @module
 */

// Errors and paths.
export { type ErrorCode, UndertoneError } from "./errors.ts";
export { inProject } from "./paths.ts";

// Data.
export {
  type AudioWarning,
  type Audit,
  auditDataset,
  auditFindings,
  auditFolds,
  clipPath,
  type ClipWarning,
  type ColumnNames,
  type ContextOptions,
  type Dataset,
  dataSources,
  type Envelope,
  type Fold,
  type FoldAudit,
  type FoldsAudit,
  foldsOf,
  LABEL_SPACES,
  type LabelMap,
  type LabelMapping,
  type LabelReading,
  loadAudio,
  loadDataset,
  type LoadOptions,
  type Modality,
  type Overlap,
  type Rejection,
  rowsOf,
  type Sampling,
  type SegmentOptions,
  type Span,
  type Split,
  SPLITS,
  type TextInContext,
  type TextInput,
  type Turn,
  type Utterance,
  type ValueRange,
} from "./data/mod.ts";

// Hidden states.
export {
  encodeDataset,
  type EncodeOptions,
  type EncodeProgress,
  type Features,
  type FrozenEncoder,
  type InDialogue,
  type Sequence,
  type SpeechEncoder,
  speechEncoder,
  speechEncoders,
  type TextEncoder,
  textEncoder,
  textEncoders,
  type TextTokens,
} from "./encoders/mod.ts";

// Your own data sources, augmentations, encoders, fusion methods, metrics and losses.
export { type Random } from "./random.ts";
export { type RegisterOptions } from "./registry.ts";
export {
  type Augmentation,
  type AugmentationFacts,
  type AugmentRange,
  type Candidate,
  type CsvRow,
  type CsvTable,
  type DataSource,
  type MixAugmentation,
  type ModalityAugmentation,
  type Place,
  type Recognition,
  registerAugmentation,
  registerDataSource,
  type SourceRows,
  type StateAugmentation,
  type WaveformAugmentation,
  type WordAugmentation,
} from "./data/mod.ts";
export { type RawTensor, type TensorData } from "./files/mod.ts";
export { type Feed, type HostTensor } from "./compute/mod.ts";
export { type DropoutKeys, type ForwardContext, type Params } from "./nn/mod.ts";
export {
  type FusionInput,
  type FusionMethod,
  fusionMethod,
  fusionMethods,
  type FusionOutput,
  type FusionSizes,
  registerFusionMethod,
} from "./fusion/mod.ts";
export {
  type EncoderEntry,
  type EncoderFacts,
  type EncoderFiles,
  type EncoderGraph,
  type EncoderOutput,
  frozenEncoder,
  type GraphInputs,
  type GraphPort,
  type LowerPart,
  type NetworkEncoder,
  type PortTensors,
  type Preprocess,
  registerSpeechEncoder,
  registerTextEncoder,
  type Restore,
  type Row,
  type TokenEditing,
  type WeightReader,
  type Weights,
  type Window,
} from "./encoders/mod.ts";
export {
  type ClassOutcomes,
  type Metric,
  type Outcomes,
  registerMetric,
  type TargetKind,
  type Truths,
  type VectorOutcomes,
} from "./eval/mod.ts";
export { type VectorKind } from "./target.ts";
export { type Loss, type LossInputs, registerLoss } from "./train/mod.ts";

// Training.
export { configure, type TrainOptions } from "./project.ts";
export { type LabelOptions, type Phase, type TrainConfig } from "./config/mod.ts";
export { type LoraOptions } from "./encoders/mod.ts";
export type {
  CheckpointEvent,
  EpochEvent,
  Fit,
  StartedEvent,
  StepEvent,
  StoppedEvent,
  TrainEvent,
} from "./train/mod.ts";
export {
  type Background,
  background,
  openRun,
  type ReportOptions,
  type ResumeOptions,
  resumeRun,
  type RunEvent,
  type RunFolder,
  type RunOptions,
  trainingCurves,
  trainRun,
  type WriteReportOptions,
  writeRunsReport,
  type WrittenReport,
} from "./jobs/mod.ts";

// Transcripts.
export {
  type TimedText,
  transcribe,
  type TranscribeEvent,
  type TranscribeOptions,
  type Transcript,
} from "./jobs/mod.ts";

// Ablations.
export { type AblationOptions, configureAblation } from "./project.ts";
export { type AblateConfig, type AblationCell, type Published } from "./config/mod.ts";
export {
  ablate,
  ablateCell,
  type AblateEvent,
  type AblateOptions,
  type AblationCellState,
  ablationComparisons,
  ablationFigure,
  type AblationResults,
  ablationSoFar,
  ablationTable,
  type ClassSpread,
  type Gain,
  gainText,
  type LaunchOptions,
  type Measured,
  type Part,
  planLaunch,
  type PlannedLaunch,
  type RecipeComparison,
  type SystemResult,
} from "./jobs/mod.ts";
export type { SlurmOptions, Started, StartOptions } from "./launch/mod.ts";

// Searches.
export { configureSearch, type SearchConfigOptions } from "./project.ts";
export { type SearchConfig } from "./config/mod.ts";
export {
  type Importance,
  type PlannedSearch,
  planSearchLaunch,
  search,
  type SearchEvent,
  type SearchLaunchOptions,
  type SearchOptions,
  type SearchResults,
  searchTable,
  searchWorker,
  type Trial,
  type Winner,
} from "./jobs/mod.ts";

// Folds.
export {
  crossValidate,
  eachFoldTable,
  type FoldScores,
  type FoldsEvent,
  type FoldsGain,
  type FoldsResults,
  type FoldsSystem,
  foldsTable,
  type PlannedFold,
} from "./jobs/mod.ts";

// Across corpora.
export { configureCross, type CrossCorporaOptions } from "./project.ts";
export { type CrossConfig } from "./config/mod.ts";
export {
  type CrossCell,
  crossCorpora,
  type CrossCorpus,
  type CrossEvent,
  crossFigure,
  type CrossMetric,
  type CrossOptions,
  type CrossResults,
  crossTable,
} from "./jobs/mod.ts";

// Trained models.
export {
  evaluate,
  type EvaluateOptions,
  type Evaluation,
  type Exported,
  exportModel,
  type ExportOptions,
  type GivenFeatures,
  infer,
  type Inference,
  type InferOptions,
  inferRecording,
  type Prediction,
  type Recording,
  type RecordingEvent,
  type RecordingOptions,
  type Segment,
  type SoundBytes,
  writeRecording,
} from "./jobs/mod.ts";

export type { Check as ExportCheck, EncoderAbout, ExportAbout, Port } from "./export/mod.ts";

// Explanations.
export {
  type Agreement,
  type Attention,
  confidentErrors,
  type Contribution,
  type CrossAttention,
  explain,
  type ExplainOptions,
  type Explanation,
  explanationFigures,
  modalityContributions,
  type Occluding,
  type SplitContributions,
  type WeightedSpan,
  type Word,
} from "./jobs/mod.ts";
export { type Coalition, shapley, type Shares, spearman } from "./eval/mod.ts";

// Results.
export {
  type ComparedResult,
  compareRuns,
  type Frame,
  frame,
  type Framed,
  type FrameRecord,
  listRuns,
  type ListRunsOptions,
  type RunComparison,
  type RunDifference,
  type RunKind,
  type RunList,
  type RunSort,
  type RunSummary,
} from "./jobs/mod.ts";
export {
  certainty,
  type ClusteredInterval,
  readResults,
  type Results,
  type SplitResult,
  systemsOf,
  type UnitKind,
} from "./jobs/mod.ts";
export {
  absentNotes,
  accuracy,
  balancedAccuracy,
  type BinnedCalibration,
  type Bootstrap,
  bootstrap,
  type Calibration,
  type Calibrator,
  type Certainty,
  certaintyOf,
  type CertaintyOptions,
  type ClassIntervals,
  classIntervals,
  type ClassMetrics,
  type ClassScores,
  type ClassSetScores,
  type ConformalRule,
  conformalRule,
  conformalSets,
  type Confusion,
  type ConfusionMetric,
  type Estimate,
  type Gap,
  type GroupResult,
  type GroupScores,
  holm,
  type Interval,
  type JudgedRows,
  type LabelMetrics,
  macroF1,
  type McNemar,
  mcnemar,
  type Metrics,
  metrics,
  metricsOf,
  type PairedBootstrap,
  pairedBootstrap,
  reliability,
  type ReliabilityBin,
  resampleClusters,
  resampleRows,
  type Resamples,
  riskAt,
  type RiskCoverage,
  riskCoverage,
  type RiskPoint,
  type Scores,
  type SetScore,
  type SetScores,
  setScores,
  type Spread,
  spread,
  type VectorMetrics,
  weightedF1,
  wilson,
} from "./eval/mod.ts";

// Figures and tables.
export {
  type Bar,
  barsFigure,
  calibrationTable,
  certaintyTexts,
  type Column,
  type Comparison,
  comparisonTable,
  confusionDifferenceFigure,
  confusionFigure,
  type ContributionOptions,
  type ContributionRow,
  contributionsFigure,
  contributionsTable,
  crossAttentionFigure,
  type CrossAttentionMap,
  dialogueTable,
  DISPLAY,
  type Display,
  type ExplainedSound,
  explainedSoundFigure,
  type ExplainedWords,
  explainedWordsFigure,
  type Figure,
  type HeatCell,
  type HeatMap,
  heatMapFigure,
  labelsFigure,
  labelsTable,
  listen,
  listenToAll,
  live,
  type LiveOptions,
  type ParallelAxis,
  parallelFigure,
  type ParallelTrials,
  perClassTable,
  type PlotlyFigure,
  type Predicted,
  predictionsTable,
  reliabilityFigure,
  riskCoverageFigure,
  rowsTable,
  scatterFigure,
  type ScatterPanel,
  setsTable,
  show,
  type Shown,
  spectrogramFigure,
  type Table,
  type TableCell,
  type TableLink,
  type Timeline,
  timelineFigure,
} from "./plot/mod.ts";
