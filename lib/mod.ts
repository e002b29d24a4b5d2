/** Undertone as notebooks and scripts see it: data, training, results, and pictures of them. */
export { UndertoneError } from "./errors.ts";
export { configure, configureAblation, inProject } from "./project.ts";
export type { TrainConfig } from "./config/mod.ts";
export type { RegisterOptions } from "./registry.ts";

export {
  type Audit,
  auditDataset,
  auditFindings,
  clipPath,
  type Dataset,
  loadAudio,
  loadDataset,
  MELD_LABELS,
  RAVDESS_LABELS,
  type Rejection,
  rowsOf,
  type Split,
  SPLITS,
  type Utterance,
} from "./data/mod.ts";

export {
  encodeDataset,
  type EncoderEntry,
  type Features,
  registerSpeechEncoder,
  registerTextEncoder,
  type Sequence,
  type SpeechEncoder,
  speechEncoder,
  speechEncoders,
  type TextEncoder,
  textEncoder,
  textEncoders,
} from "./encoders/mod.ts";

export {
  type FusionInput,
  type FusionMethod,
  fusionMethod,
  fusionMethods,
  type FusionOutput,
  type FusionSizes,
  registerFusionMethod,
} from "./fusion/mod.ts";

export { type AblateConfig } from "./config/mod.ts";
export {
  ablate,
  type AblateEvent,
  ablationFigure,
  type AblationResults,
  ablationSoFar,
  ablationTable,
  type Background,
  background,
  evaluate,
  type Evaluation,
  type Exported,
  exportModel,
  gainText,
  infer,
  type Inference,
  openRun,
  type Prediction,
  resumeRun,
  type RunEvent,
  type RunFolder,
  type SplitResult,
  trainingCurves,
  trainRun,
} from "./jobs/mod.ts";
export { readResults, systemsOf } from "./jobs/mod.ts";

export { type ClassOutcomes, type Metric, type Outcomes, registerMetric } from "./eval/mod.ts";
export { type Loss, type LossInputs, registerLoss } from "./train/mod.ts";

export {
  bootstrap,
  mcnemar,
  type Metrics,
  metricsOf,
  pairedBootstrap,
  type Spread,
  spread,
} from "./eval/mod.ts";

export {
  barsFigure,
  comparisonTable,
  confusionFigure,
  curvesFigure,
  type Figure,
  labelsFigure,
  labelsTable,
  listen,
  live,
  perClassTable,
  predictionsTable,
  rowsTable,
  show,
  type Shown,
  spectrogramFigure,
  type Table,
} from "./plot/mod.ts";
