/** Fits a configuration to the kind of target that the data has. */
import { badInput, nearest } from "../errors.ts";
import { type Dataset, targetsIn } from "../data/mod.ts";
import { allMetrics, KINDS, metricNamed, metricsFitting, metricsFor, type Truths } from "../eval/mod.ts";
import { requireSampling } from "./augment.ts";
import { requireColumns } from "./needed_columns.ts";
import { TARGET_KINDS, type TargetKind } from "../target.ts";
import { allLosses, AUTO, defaultLoss, lossNamed } from "../train/mod.ts";
import type { TrainConfig } from "./train.ts";

/** Options of the loss that only some kinds of target have, with the value that turns them off. */
const OPTIONS = {
  class_weights: { off: "none", fits: ["class", "distribution"] },
  label_smoothing: { off: 0, fits: ["class", "distribution"] },
  focal_gamma: { off: 0, fits: ["class"] },
} as const satisfies Record<string, { off: string | number; fits: readonly TargetKind[] }>;

/** Returns the configuration with the loss and the metric that `auto` stands for. */
export const withoutAuto = <T extends Pick<TrainConfig, "loss" | "select">>(
  config: T,
  kind: TargetKind,
): T => ({
  ...config,
  loss: config.loss === AUTO ? defaultLoss(kind).id : config.loss,
  select: config.select === AUTO ? KINDS[kind].select : config.select,
});

/**
 * Does the same, and throws UndertoneError if the loss, the metric or an option of the loss does not fit the
 * kind of target.
 */
export function forTarget(config: TrainConfig, kind: TargetKind): TrainConfig {
  const settled = withoutAuto(config, kind), { loss, select } = settled;
  if (!lossNamed(loss).targets.includes(kind)) {
    throw unfit("a loss", "loss", loss, kind, allLosses().filter(({ targets }) => targets.includes(kind)));
  }
  if (select !== "loss" && !metricNamed(select, "--select").targets.includes(kind)) {
    throw unfit("a metric", "select", select, kind, metricsFor(kind));
  }
  for (const [option, { off, fits }] of Object.entries(OPTIONS)) {
    const value = config[option as keyof typeof OPTIONS];
    if (value === off || (fits as readonly TargetKind[]).includes(kind)) continue;
    throw badInput({
      expected: `--${flag(option)} ${off} for targets of the kind '${kind}'`,
      found: `'${value}'`,
      at: `--${flag(option)}`,
      todo: `Leave it out: it is for ${fits.join(" or ")} targets.`,
    });
  }
  requireSampling(settled, kind);
  return settled;
}

/**
 * Throws UndertoneError if the data lack what the configuration reads, or if the metric that chooses the best
 * epoch is not for the targets that the dev rows have.
 */
export function requireFitting(config: TrainConfig, dataset: Dataset): void {
  const { select } = config;
  requireColumns(config, dataset);
  const { only } = select === "loss" ? {} : metricNamed(select, "--select");
  if (!only) return;
  const { target: kind, labels } = dataset, targetOf = targetsIn(dataset);
  const dev = dataset.rows.filter(({ split }) => split === "dev");
  const truth = dev.flatMap((row) => targetOf(row) ?? []).map(({ value }) => value);
  const truths = { kind, labels, truth } as Truths;
  if (only.fits(truths)) return;
  throw badInput({
    expected: `${only.needs} among the dev rows`,
    found: `'${labels.join("', '")}'`,
    at: `--select ${select}`,
    todo: `Choose ${metricsFitting(truths).map(({ id }) => id).join(", ")}, or leave it out.`,
  });
}

/**
 * Throws UndertoneError if there is no metric of this name. It suggests those for this kind of target, or for
 * all kinds if the kind is not known yet.
 */
export function requireMetric(name: string, kind?: TargetKind): void {
  if (isMetric(name)) return;
  const kinds = kind ? [kind] : TARGET_KINDS,
    idsFor = (kind: TargetKind) => metricsFor(kind).map(({ id }) => id);
  const meant = nearest(name, kinds.flatMap(idsFor));
  throw badInput({
    expected: "a metric",
    found: `'${name}'`,
    at: "--select",
    todo: meant
      ? `Did you mean ${meant}?`
      : `Choose one for your kind of target: ${
        kinds.map((kind) => `${idsFor(kind).join(", ")} (${kind})`).join("; ")
      }.`,
  });
}

const isMetric = (name: string): boolean => allMetrics().some(({ id }) => id === name);

const unfit = (
  what: string,
  option: string,
  found: string,
  kind: TargetKind,
  fitting: readonly { id: string }[],
) =>
  badInput({
    expected: `${what} for targets of the kind '${kind}', which the data has,`,
    found: `'${found}'`,
    at: `--${option}`,
    todo: `Choose ${fitting.map(({ id }) => id).join(", ")}, or leave it out.`,
  });

const flag = (option: string) => option.replaceAll("_", "-");
