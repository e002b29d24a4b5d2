/** Which statistics scale hidden states: none, those of the train split, or those of a row's own group. */

/** What a group of rows shares. */
export const GROUPS = ["corpus", "session", "dialogue", "speaker"] as const;
/** What a group of rows shares. */
export type Group = typeof GROUPS[number];

/**
 * Where the statistics of a group come from: `transductive`, all its rows in the split that is read, without
 * their labels; `enrolled`, some rows that are given beforehand; `causal`, its earlier rows.
 */
export const VARIANTS = ["transductive", "enrolled", "causal"] as const;
/** Where the statistics of a group come from. */
export type Variant = typeof VARIANTS[number];

/** Scaling by the statistics of a row's own group. */
export interface ByGroup {
  by: Group;
  variant: Variant;
  /** Rows of each group that are its enrolment. */
  rows?: number;
}

/** How the hidden states of one modality are scaled. */
export type Normalization = { by: "none" | "train" } | ByGroup;

/** Rows of each group that are its enrolment, if nothing else is said. */
const ENROLLED = 8;

/** The forms of the option, as errors and help show them. */
export const NORMALIZE_FORMS = `none, train, or ${GROUPS.join(", ")} with :${
  VARIANTS.join(", :")
} or :enrolled:<rows>`;

const FORM = new RegExp(`^(${GROUPS.join("|")})(?::(${VARIANTS.join("|")}))?(?::([1-9]\\d{0,3}))?$`);

/** Returns how a text such as `speaker:enrolled:8` scales; undefined if it has none of the forms. */
export function readNormalization(text: string): Normalization | undefined {
  if (text === "none" || text === "train") return { by: text };
  const [, by, variant = "transductive", rows] = FORM.exec(text) ?? [];
  if (by === undefined || (rows !== undefined && variant !== "enrolled")) return undefined;
  return {
    by: by as Group,
    variant: variant as Variant,
    ...variant === "enrolled" && { rows: rows === undefined ? ENROLLED : Number(rows) },
  };
}

/** Returns the whole form of a text: `speaker:transductive` for `speaker`. */
export const wholeNormalization = (text: string): string => {
  const read = readNormalization(text);
  return read && "variant" in read ? [read.by, read.variant, read.rows ?? []].flat().join(":") : text;
};

/** Returns words for tables: "by speaker (enrolled, 8 rows)". */
export const normalizationWords = ({ by, variant, rows }: ByGroup): string =>
  `by ${by} (${variant}${rows === undefined ? "" : `, ${rows} rows`})`;
