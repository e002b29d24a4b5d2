/** The cells of an ablation in every division of its data: one, or one for each fold of a protocol. */
import type { AblateConfig } from "../../config/mod.ts";
import { foldConfig, openFolds, runsFolds } from "../folds/open.ts";
import { type AblationPlan, planAblation } from "./plan.ts";

/** The plans of all divisions. */
export interface DividedPlan {
  /** Folder of the ablation, or of the folds. */
  folder: string;
  /** One plan, or one for each fold. */
  plans: AblationPlan[];
}

/** Plans every division. The data are read once. The user's modules must be loaded. Throws UndertoneError. */
export async function planDivisions(config: AblateConfig, controls: boolean): Promise<DividedPlan> {
  if (!runsFolds(config)) {
    const plan = await planAblation(config, controls);
    return { folder: plan.folder, plans: [plan] };
  }
  const { folder, folds } = await openFolds(config), plans: AblationPlan[] = [];
  for (const { number, dataset } of folds) {
    plans.push(await planAblation(foldConfig(config, folder, number), controls, dataset));
  }
  return { folder, plans };
}
