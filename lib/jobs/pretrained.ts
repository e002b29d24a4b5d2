/** The model that comes with the project, in lib/pretrained. */
import { existsSync } from "node:fs";
import { fromProject, inProject } from "../paths.ts";

/** The name of the model, in place of a run folder or a checkpoint file. */
export const PRETRAINED = "pretrained";

/** What the model is, in one sentence. */
export const PRETRAINED_IS =
  "the small model of lib/pretrained, trained on MELD's words and RAVDESS' acted voices, for research only; " +
  "its MODEL_CARD.md says how often it is right";

/** Returns whether a name means this model. A run folder or file of the same name comes first. */
export const isPretrained = (given: string): boolean =>
  given === PRETRAINED && !existsSync(fromProject(given));

/** Returns the path of its checkpoint. */
export const pretrainedPath = (): string => inProject("lib/pretrained/model.safetensors");
