/** What the corpora of the MSP laboratory have in common. */

/**
 * Returns why a turn with this code of a label can't be used: raters do not agree, or it is no class. `codes`
 * are those of the classes.
 */
export function faultOf(code: string, codes: Readonly<Record<string, string>>): string | undefined {
  if (code === "X") return "no label that most raters gave (X)";
  if (code === "O") return "the label 'other' (O), which is not a class";
  return Object.hasOwn(codes, code) ? undefined : `unknown label: '${code}'`;
}
