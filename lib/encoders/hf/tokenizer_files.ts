/**
 * Combines `tokenizer.json` with the settings in `tokenizer_config.json`, as transformers' fast tokenizers
 * do.
 */
import { join } from "node:path";
import { z } from "zod";
import { parseFacts } from "../../schema.ts";
import type { EncoderFiles } from "../encoder.ts";

/** The end at which a text that is too long is cut. */
export type Side = "left" | "right";

export interface TokenizerFiles {
  /** `tokenizer.json` with the settings applied, without padding and truncation. */
  json: Record<string, unknown>;
  /** Longest text in tokens, special tokens included. */
  limit: number;
  side: Side;
  notes: string[];
  /** The limit in earlier versions, which followed the truncation saved in tokenizer.json. */
  formerLimit: number;
  /** Other differences from earlier versions: what those did. */
  changes: string[];
}

/**
 * Marks the `tokenizer_config.json` in a checkpoint as already settled; earlier versions kept the files
 * unchanged.
 */
export const KEPT = { read_as: "transformers" };

const token = z.union([z.string(), z.looseObject({ content: z.string() })]);
const part = z.looseObject({ type: z.string() }).nullish();
const tokenizerFile = z.looseObject({
  truncation: z.object({ max_length: z.number(), direction: z.enum(["Left", "Right"]).default("Right") })
    .nullish(),
  normalizer: part,
  pre_tokenizer: part,
  added_tokens: z.array(z.looseObject({ id: z.int(), content: z.string() })).optional(),
  model: z.looseObject({ vocab: z.unknown().optional() }).optional(),
});
const settings = z.looseObject({
  tokenizer_class: z.string().nullish(),
  model_max_length: z.number().nullish(),
  max_len: z.number().nullish(),
  truncation_side: z.enum(["left", "right"]).nullish(),
  do_lower_case: z.boolean().default(true),
  strip_accents: z.boolean().nullable().default(null),
  tokenize_chinese_chars: z.boolean().default(true),
  add_prefix_space: z.boolean().default(false),
  split_special_tokens: z.boolean().nullish(),
  added_tokens_decoder: z.record(z.string(), z.looseObject({ content: z.string() })).default({}),
  additional_special_tokens: z.array(token).nullish(),
});
const model = z.object({ model_type: z.string().optional(), tokenizer_class: z.string().nullish() });

type File = z.infer<typeof tokenizerFile>;
type Settings = z.infer<typeof settings>;

/**
 * Tokenizers whose settings in tokenizer_config.json, explicit or default, override the normalizer in
 * tokenizer.json.
 */
const BERT_LIKE =
  /^(bert|distilbert|electra|mobilebert|convbert|squeezebert|funnel|layoutlm|lxmert|mpnet)(tokenizer(fast)?)?$/i;
/** Defaults of an added token; the Rust library requires every key. */
const PLAIN = { single_word: false, lstrip: false, rstrip: false, normalized: true, special: false };
const SPECIAL = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];
/** A limit of fewer tokens is taken for a broken setting and ignored. */
const LEAST = 3;

/**
 * Combines the tokenizer files of the folder `at`; `positions` is the most tokens that the model takes.
 * Throws UndertoneError if the files can't be read.
 */
export function tokenizerFiles(files: EncoderFiles, at: string, positions: number): TokenizerFiles {
  const path = join(at, "tokenizer_config.json"), notes: string[] = [], changes: string[] = [];
  const { truncation, padding: _, ...file } = parseFacts(
    tokenizerFile,
    files["tokenizer.json"],
    join(at, "tokenizer.json"),
  );
  const config = parseFacts(settings, files["tokenizer_config.json"] ?? {}, path);
  const { model_type, tokenizer_class } = parseFacts(
    model,
    files["config.json"] ?? {},
    join(at, "config.json"),
  );
  const kind = config.tokenizer_class ?? tokenizer_class ?? model_type ?? "";

  const said = config.model_max_length ?? config.max_len ?? Infinity;
  if (said < LEAST) notes.push(`${path}: model_max_length ${said} is no length of a text and is ignored`);
  const limit = Math.min(said < LEAST ? Infinity : said, positions);
  const side = config.truncation_side ?? (truncation?.direction === "Left" ? "left" : "right");
  if (side === "left") changes.push("cut off the end of a long text, although truncation_side is left");

  const normalizer = normalizerOf(file, config, kind);
  const pre_tokenizer = preTokenizerOf(file, config);
  for (const [before, after] of [[file.normalizer, normalizer], [file.pre_tokenizer, pre_tokenizer]]) {
    const differs = (key: string) => (before![key] ?? null) !== (after![key] ?? null);
    for (const key of Object.keys(after ?? {}).filter(differs)) {
      notes.push(
        `${path}, or its default, overrides tokenizer.json, as in transformers: ` +
          `${key} is ${after![key]}, not ${before![key]}`,
      );
      changes.push(`took ${key} from tokenizer.json, although tokenizer_config.json overrides it`);
    }
  }
  const added = addedTokens(file, config);
  if (added.missing.length) {
    notes.push(
      `${path} names ${
        added.missing.join(", ")
      }, which tokenizer.json does not have: such a token is read as plain text`,
    );
  }
  if (added.tokens.length > (file.added_tokens?.length ?? 0)) {
    changes.push("left out tokens that only tokenizer_config.json names");
  }
  for (const key of ["remove_space", "do_lowercase_and_remove_accent"].filter((key) => config[key])) {
    changes.push(`followed ${key}, which transformers ignores if there is a tokenizer.json`);
  }
  const alone = added.tokens.filter(({ single_word }) => single_word).map(({ content }) => content);
  if (alone.length) notes.push(`${at}: the tokens ${alone.join(", ")} are also found inside words`);

  if (config.split_special_tokens) {
    notes.push(`${path}: split_special_tokens is ignored: a special token in a text is read as that token`);
  }

  const json = { ...file, normalizer, pre_tokenizer, added_tokens: file.added_tokens && added.tokens };
  const formerLimit = Math.min(truncation?.max_length ?? Infinity, said, positions);
  return { json, limit, side, notes, formerLimit, changes };
}

function normalizerOf({ normalizer }: File, config: Settings, kind: string): File["normalizer"] {
  if (!BERT_LIKE.test(kind) || normalizer?.type !== "BertNormalizer") return normalizer;
  return {
    ...normalizer,
    lowercase: config.do_lower_case,
    strip_accents: config.strip_accents,
    ...(/^mpnet/i.test(kind) ? {} : { handle_chinese_chars: config.tokenize_chinese_chars }),
  };
}

const preTokenizerOf = ({ pre_tokenizer }: File, { add_prefix_space }: Settings): File["pre_tokenizer"] =>
  pre_tokenizer && "add_prefix_space" in pre_tokenizer
    ? { ...pre_tokenizer, add_prefix_space }
    : pre_tokenizer;

/**
 * Returns the added tokens of both files, and the special tokens that are in neither the vocabulary nor
 * these.
 */
function addedTokens({ added_tokens = [], model }: File, config: Settings) {
  const vocabulary = new Map<string, number>(
    Array.isArray(model?.vocab)
      ? model.vocab.map((entry, id) => [`${[entry].flat()[0]}`, id]) // Unigram: pieces with their scores
      : Object.entries(model?.vocab instanceof Object ? model.vocab as Record<string, number> : {}),
  );
  const tokens = [...added_tokens], missing: string[] = [];
  const next = () =>
    tokens.reduce(
      (most, { id }) => Math.max(most, id),
      [...vocabulary.values()].reduce((a, b) => Math.max(a, b), -1),
    ) + 1;
  const knows = (content: string) => tokens.some((token) => token.content === content);
  for (const token of Object.values(config.added_tokens_decoder)) {
    if (!knows(token.content)) {
      tokens.push({ ...PLAIN, ...token, id: vocabulary.get(token.content) ?? next() });
    }
  }
  const named = [...SPECIAL.map((key) => config[key]), ...(config.additional_special_tokens ?? [])];
  for (const name of named.map((name) => token.safeParse(name).data)) {
    const content = typeof name === "string" ? name : name?.content;
    if (!content || knows(content)) continue;
    const id = vocabulary.get(content);
    if (id === undefined) missing.push(content);
    else {
      const said = typeof name === "string" ? {} : name;
      tokens.push({ ...PLAIN, normalized: false, special: true, ...said, id, content });
    }
  }
  return { tokens, missing: [...new Set(missing)] };
}

/**
 * Converts files of a checkpoint so that today's tokenizer reads them as the version that trained the model
 * did. Earlier versions followed the truncation in tokenizer.json and little of tokenizer_config.json;
 * `notes` says what they did.
 */
export function keptFiles(
  files: EncoderFiles,
  at: string,
  positions: number,
): { files: EncoderFiles; notes: string[] } {
  const settings = files["tokenizer_config.json"] as Record<string, unknown> | undefined;
  if (settings?.read_as === KEPT.read_as) return { files, notes: [] };
  const { formerLimit, limit, changes } = tokenizerFiles(files, at, positions);
  if (changes.length === 0 && formerLimit === limit) return { files, notes: [] };
  const json = files["tokenizer.json"] as File, { normalizer, pre_tokenizer } = json;
  const same = {
    model_max_length: formerLimit,
    do_lower_case: normalizer?.lowercase,
    strip_accents: normalizer?.strip_accents,
    tokenize_chinese_chars: normalizer?.handle_chinese_chars,
    add_prefix_space: pre_tokenizer?.add_prefix_space,
    ...KEPT,
  };
  return {
    files: { ...files, "tokenizer.json": { ...json, truncation: null }, "tokenizer_config.json": same },
    notes: [
      `${at}: the encoder reads texts like the version that trained it, which ${
        [...(formerLimit < limit ? [cutShort(formerLimit)] : []), ...changes].join(", and ")
      }`,
    ],
  };
}

/** Says what earlier versions did with the truncation in a file. */
export const cutShort = (limit: number): string =>
  `cut texts at the ${limit} tokens that tokenizer.json was saved with`;
