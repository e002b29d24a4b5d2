/** The ids in `tokenizer.json`, before anything is made as large as they are. */
import { badInput } from "../../errors.ts";

/** Several times the largest vocabulary that a model is known to have. */
const MOST_TOKENS = 5_000_000;

/** Throws UndertoneError for ids that no row of an embedding can have; `at` is the file. Its form is for others to check. */
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
    expected: `ids of tokens from 0 to less than ${MOST_TOKENS}`,
    found: `${JSON.stringify(odd[1])?.slice(0, 40)} for '${odd[0].slice(0, 40)}'`,
    at,
    todo: "The file is damaged, or not that of these weights: fetch it again.",
  });
}
