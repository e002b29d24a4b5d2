/** Dark forms of figures: the same drawing with the shared colours exchanged. */
import { INK, LINE, MUTED, PAPER, SERIES } from "./theme.ts";

/** The dark colour for each shared one. Series that are too dark on black are lightened. */
const DARK: Readonly<Record<string, string>> = {
  [INK]: "#e6eaef",
  [MUTED]: "#9aa7b4",
  [LINE]: "#333c46",
  [PAPER]: "#14181d",
  [SERIES[0]]: "#4aa3df",
  [SERIES[1]]: "#ff8a3d",
  [SERIES[2]]: "#2dc398",
};

const ATTRIBUTE = /\b(fill|stroke)="(#[0-9a-f]{6})"/g;

/** Returns an SVG document in dark colours. */
export const darkened = (svg: string): string =>
  svg.replace(ATTRIBUTE, (whole, name, colour) => DARK[colour] ? `${name}="${DARK[colour]}"` : whole);

/** Returns an SVG document that follows the viewer's choice of light or dark. */
export function adaptive(svg: string): string {
  const used = new Set([...svg.matchAll(ATTRIBUTE)].map(([, name, colour]) => `${name} ${colour}`));
  const rules = [...used].map((each) => each.split(" ")).filter(([, colour]) => DARK[colour])
    .map(([name, colour]) => `[${name}="${colour}"]{${name}:${DARK[colour]}}`);
  return svg.replace(
    "</title>",
    `</title><style>@media (prefers-color-scheme: dark){${rules.join("")}}</style>`,
  );
}
