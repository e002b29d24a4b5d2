/** The section on how sure models are: calibration, sets of classes, and errors among the surest rows. */
import { type Certainty, certaintyOf, type JudgedRows } from "../../eval/mod.ts";
import {
  calibrationTable,
  certaintyTexts,
  reliabilityFigure,
  riskCoverageFigure,
  type Section,
  setsTable,
} from "../../plot/mod.ts";
import type { Split } from "../../data/mod.ts";
import type { Answered, Material } from "./material.ts";

/** Returns the section; without content for other targets than classes, or without answers to dev. */
export function certaintySection(
  shown: readonly { run: Material; answered: Answered }[],
  split: Split,
): Section {
  const title = `How sure ${shown.length === 1 ? "the model is" : "the models are"} on ${split}`;
  const known = shown.flatMap(({ run, answered }) => {
    const certainty = certaintyIn(run, answered);
    return certainty ? [{ name: run.name, certainty }] : [];
  });
  if (known.length === 0) return { title };
  const one = known.length === 1;
  const of = <T>(part: (certainty: Certainty) => T) =>
    Object.fromEntries(known.map(({ name, certainty }) => [name, part(certainty)]));
  return {
    title,
    texts: known.flatMap(({ name, certainty }) =>
      certaintyTexts(certainty).map((text) => one ? text : `${name}: ${text}`)
    ),
    tables: [
      calibrationTable(of((certainty) => certainty), "Calibration"),
      ...known.filter(({ certainty }) => certainty.sets).map(({ name, certainty }) =>
        setsTable(certainty, one ? "Conformal sets" : `Conformal sets of ${name}`)
      ),
    ],
    figures: [
      ...known.map(({ name, certainty: { before, after } }) =>
        reliabilityFigure(
          { "before scaling": before.bins, "after scaling": after.bins },
          `${name}: confidence and accuracy on ${split}`,
        )
      ),
      riskCoverageFigure(of(({ selective }) => selective), `Errors among the surest rows of ${split}`),
    ],
  };
}

/** Measures certainty; undefined if the answers are no classes, or the run keeps none on dev. */
export function certaintyIn(
  { target, labels, answered }: Material,
  { rows, split }: Answered,
): Certainty | undefined {
  const dev = answered.find((each) => each.split === "dev");
  if (target !== "class" || rows.length === 0 || !dev || dev.rows.length === 0) return undefined;
  const judged = (of: Answered["rows"]): JudgedRows => ({
    truth: of.map(({ target }) => target.value as number),
    probabilities: of.map(({ answer }) => answer),
  });
  const ofDev = judged(dev.rows);
  return certaintyOf(split === "dev" ? ofDev : judged(rows), ofDev, labels);
}
