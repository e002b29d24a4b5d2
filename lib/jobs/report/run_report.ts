/** The report page of one run. */
import { basename } from "node:path";
import { formatted } from "../../eval/mod.ts";
import { curvesFigure, type Report, type Section } from "../../plot/mod.ts";
import type { TrainConfig } from "../../config/mod.ts";
import { curvesOf } from "../curves.ts";
import { reportedConfig } from "../kept_config.ts";
import { writeFigure, writePage } from "../pages.ts";
import type { RunFolder } from "../run_folder.ts";
import { balancedOf, headlineOf } from "../split_result.ts";
import { certaintySection } from "./certainty_section.ts";
import { dataSection } from "./data_section.ts";
import { errorsSection, type SoundBudget } from "./errors.ts";
import { type Answered, type Material, readMaterial } from "./material.ts";
import { repeatSection } from "./repeat_section.ts";
import { resultSection } from "./result_sections.ts";
import { trainingSection } from "./training_section.ts";

/** A run's own page lies beside its data, so it holds little sound. `deno task report` embeds more. */
const SOUND = { each: 200_000, left: 600_000 };

/** Writes the report page of a run from the files in its folder and the configuration of its checkpoint. */
export async function writeReport(folder: RunFolder, ofCheckpoint: TrainConfig): Promise<void> {
  const config = await reportedConfig(folder.config, { ...ofCheckpoint, name: folder.name });
  const material = await readMaterial(folder, config);
  const curves = curvesOf(material.events, `${folder.name}: training`);
  if (curves.epochs.length > 0) await writeFigure(folder.path, "curves", curvesFigure(curves));
  await writePage(folder.report, await runReport(material, { ...SOUND }));
}

/** Returns the report of a run. */
export async function runReport(material: Material, sound: SoundBudget): Promise<Report> {
  const { name, config, answered, environment } = material;
  const sections: Section[] = [];
  for (const each of answered) {
    sections.push(
      resultSection(material, each),
      certaintySection([{ run: material, answered: each }], each.split),
      await errorsSection(material, each, sound),
    );
  }
  return {
    title: name,
    subtitle: describe(material),
    facts: factsOf(answered),
    notes: material.lacks,
    sections: [...sections, trainingSection(material), dataSection(material), repeatSection(material)],
    details: { config, environment: environment ?? "environment.json can't be read" },
  };
}

/** Describes a run in one line: method, data, encoders and seed. */
export const describe = ({ config }: Pick<Material, "config">): string =>
  `${config.method} on ${
    basename(config.data)
  }, text ${config.text}, speech ${config.audio}, seed ${config.seed}`;

/** Returns the main metrics of each split with their intervals. */
export const factsOf = (answered: readonly Answered[]): Record<string, string> =>
  Object.fromEntries(
    answered.flatMap(({ split, result }) =>
      [headlineOf(result), balancedOf(result) ?? []].flat().map(({ metric, value, interval }) => {
        const ends = interval?.interval_95.map((end) => formatted(metric, end).replace(" %", ""));
        const range = ends ? ` (95 %: ${ends[0]} to ${ends[1]})` : "";
        return [`${metric.label} on ${split}`, formatted(metric, value) + range];
      })
    ),
  );
