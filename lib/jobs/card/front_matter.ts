/** The YAML at the head of a model card, with the keys that Hugging Face's hub reads. */

/** One measured value. */
export interface CardMetric {
  /** Id of the metric on the hub where it has one: `accuracy`, `f1`. */
  type: string;
  name: string;
  value: number;
}

/** The values of one split. */
export interface CardResult {
  task: { type: string; name: string };
  dataset: { name: string; type: string; split: string };
  metrics: readonly CardMetric[];
}

/** What the hub reads of a card. No licence is among it: the owner of the model chooses one. */
export interface FrontMatter {
  /** ISO 639-1 codes. Absent if they are not known. */
  language?: readonly string[];
  library_name: string;
  tags: readonly string[];
  /** Names on the hub of the models that this one changes or reads. */
  base_model?: readonly string[];
  /** Ids of the metrics on the hub. */
  metrics?: readonly string[];
  "model-index"?: readonly { name: string; results: readonly CardResult[] }[];
}

/** Returns the YAML between its lines of dashes. Throws an error for a number that is not finite. */
export const frontMatterText = (about: FrontMatter): string => `---\n${lines(about, "").join("\n")}\n---`;

function lines(value: object, indent: string): string[] {
  return Object.entries(value).filter(([, part]) => part !== undefined).flatMap(([key, part]) => {
    if (!Array.isArray(part)) {
      return typeof part === "object" && part !== null
        ? [`${indent}${key}:`, ...lines(part, `${indent}  `)]
        : [`${indent}${key}: ${scalar(part)}`];
    }
    if (part.length === 0) return [`${indent}${key}: []`];
    return [`${indent}${key}:`, ...part.flatMap((item) => itemLines(item, indent))];
  });
}

function itemLines(item: unknown, indent: string): string[] {
  if (typeof item !== "object" || item === null) return [`${indent}- ${scalar(item)}`];
  const [first, ...rest] = lines(item, `${indent}  `);
  return [`${indent}- ${first.slice(indent.length + 2)}`, ...rest];
}

/** Words that YAML 1.1 takes for something else than text; `no` is also Norwegian. */
const NO_TEXT = /^(y|n|yes|no|true|false|on|off|null|nan|inf)$/i;

/** A string, a number or a switch. JSON's quoted strings are YAML's, too. */
function scalar(value: unknown): string {
  if (typeof value === "number" && !Number.isFinite(value)) throw new TypeError(`${value} in a model card`);
  if (typeof value !== "string") return String(value);
  return /^[A-Za-z][\w-]*$/.test(value) && !NO_TEXT.test(value) ? value : quoted(value);
}

/** JSON allows some characters that YAML does not print. */
const quoted = (text: string): string =>
  JSON.stringify(text.replaceAll(/\p{Cc}/gu, " ")).replaceAll(
    /[\u2028\u2029\ufeff\ufffe\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16)}`,
  );
