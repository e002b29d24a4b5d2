/** Checks the ids in `tokenizer.json` before memory is reserved for them. */
import { badInput } from "../../errors.ts";

/** Several times the largest vocabulary that a model is known to have. */
const MOST_TOKENS = 5_000_000;

/**
 * Throws UndertoneError for ids that can't be rows of an embedding; `at` is the file. Does not check the
 * file's form.
 */
export function requireTokenIds(json: unknown, at: string): void {
  const { model, added_tokens } = json as { model?: { vocab?: unknown } | null; added_tokens?: unknown };
  const vocab = model?.vocab, listed = Array.isArray(added_tokens) ? added_tokens : [];
  const ids: [string, unknown][] = [
    ...(vocab instanceof Object && !Array.isArray(vocab) ? Object.entries(vocab) : []),
    ...listed.map((token): [string, unknown] => [`${token?.content}`, token?.id]),
  ];
  const odd = ids.find(([, id]) =>
    !Number.isSafeInteger(id) || (id as number) < 0 || (id as number) >= MOST_TOKENS
  );
  if (!odd) return;
  throw badInput({
    expected: `token ids from 0 to ${MOST_TOKENS - 1}`,
    found: `${JSON.stringify(odd[1])?.slice(0, 40)} for '${odd[0].slice(0, 40)}'`,
    at,
    todo: "The file is damaged or does not belong to these weights: fetch it again.",
  });
}
