/** The option `labels`: how labels are merged, renamed and dropped before anything reads them. */
import { z } from "zod";
import { LABEL_SPACES, type LabelMapping, type LabelReading, mappingWords } from "../data/mod.ts";

/** What is done to the labels of the data. */
export interface LabelOptions {
  /** New names by names, where `null` drops a label; or the name of a label space. */
  map?: LabelMapping;
  /** The only labels that are kept, in class order, after they are mapped. */
  only?: string[];
}

const FORMS = `the name of a label space (${LABEL_SPACES.join(", ")}) or an object such as ` +
  '{"excited": "happy", "oth": null}';

export const LABELS_HELP =
  `Merge, rename or drop labels: --labels.map '{"excited": "happy", "oth": null}', where others stay, or a ` +
  `label space, where a label without a place is dropped: ${LABEL_SPACES.join(", ")}. ` +
  "--labels.only=angry,happy keeps these alone, in this order.";

const labelMap = z.union([z.string(), z.record(z.string(), z.string().nullable())], { error: FORMS })
  .refine((map) => typeof map !== "string" || LABEL_SPACES.includes(map), FORMS);

/** Reads `--labels '{"ANG": "anger"}'`, `--labels meld-7` and `--labels.map.ANG=anger` as `--labels.map`. */
function asLabels(value: unknown, context: z.RefinementCtx): unknown {
  if (typeof value === "string") {
    if (LABEL_SPACES.includes(value)) return { map: value };
    context.addIssue({ code: "custom", message: FORMS });
    return z.NEVER;
  }
  if (typeof value !== "object" || value === null) return value;
  const labels = withDots(value as Record<string, unknown>);
  const isMap = !Object.hasOwn(labels, "map") && !Object.hasOwn(labels, "only");
  return isMap ? { map: labels } : labels;
}

/** Gathers keys such as `map.ANG`, which a command line writes, in one map. */
function withDots(value: Record<string, unknown>): Record<string, unknown> {
  const dotted = Object.entries(value).filter(([key]) => key.startsWith("map."));
  if (dotted.length === 0 || value.map !== undefined) return value;
  const others = Object.entries(value).filter(([key]) => !key.startsWith("map."));
  const map = Object.fromEntries(dotted.map(([key, label]) => [key.slice("map.".length), label]));
  return { ...Object.fromEntries(others), map };
}

/** Reads `angry,happy` as a list. */
const asList = (value: unknown): unknown =>
  typeof value === "string" ? value.split(",").map((name) => name.trim()).filter(Boolean) : value;

export const labelOptions = z.preprocess(
  asLabels,
  z.strictObject({
    map: labelMap.optional(),
    only: z.preprocess(asList, z.array(z.string()).min(1)).optional(),
  }),
);

type Labels = { labels?: LabelOptions };

/** Returns how a configuration reads labels. */
export const labelReading = ({ labels }: Labels): LabelReading => ({
  labelMap: labels?.map,
  onlyLabels: labels?.only,
});

/** Returns the mapping of labels for results; nothing if labels stay as they are. */
export const labelMapOf = ({ labels }: Labels): { label_map?: LabelMapping } =>
  labels?.map === undefined ? {} : { label_map: labels.map };

/** Returns a sentence on the mapping of labels, for reports; nothing if labels stay as they are. */
export const labelMapTexts = ({ label_map: map }: { label_map?: LabelMapping }): string[] =>
  map === undefined ? [] : [`Labels are mapped: ${mappingWords({ labelMap: map })}.`];
