import type { ModalityAugmentation } from "./augmentation.ts";

/** Leaves a row that has both modalities with one of them, drawn at random. */
export const modalityDropout: ModalityAugmentation = {
  id: "modality_dropout",
  summary: "chance that a row with text and speech loses one of them",
  acts: "modalities",
  limits: [0, 1],
  apply: (present, [, chance], { uniform, integer }) =>
    present.length < 2 || uniform() >= chance ? present : [present[integer(present.length)]],
};
