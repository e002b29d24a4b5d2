/** Augmentation: seeded changes of training rows, and which rows an epoch takes. */
export {
  allAugmentations,
  type Augmentation,
  type AugmentationFacts,
  type AugmentRange,
  COPIES,
  type MixAugmentation,
  type ModalityAugmentation,
  registerAugmentation,
  type StateAugmentation,
  type WaveformAugmentation,
  type WordAugmentation,
} from "./augmentation.ts";
export * from "./apply.ts";
export { balanced, eachOnce, type RowPick, type Sampling, SAMPLINGS } from "./sampling.ts";
