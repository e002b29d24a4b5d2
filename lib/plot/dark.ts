/** Dark forms of figures: the same drawing with the shared colours exchanged. */
import { INK, LINE, mixed, MUTED, ON_SHADE, PAPER, SERIES, shade, STRIPE } from "./theme.ts";

const DARK_PAPER = "#14181d";

/** The dark colour for each shared one. Series that are too dark on black are lightened. */
export const DARK: Readonly<Record<string, string>> = {
  [INK]: "#e6eaef",
  [MUTED]: "#9aa7b4",
  [LINE]: "#333c46",
  [PAPER]: DARK_PAPER,
  [STRIPE]: "#1b2127",
  [SERIES[0]]: "#4aa3df",
  [SERIES[1]]: "#ff8a3d",
  [SERIES[2]]: "#2dc398",
  [ON_SHADE]: DARK_PAPER,
  ...Object.fromEntries(Array.from({ length: 101 }, (_, i) => [shade(i / 100).fill, darkShade(i / 100)])),
};

/** Returns the colour of a share on dark paper: from the paper to the light end of the scale. */
function darkShade(share: number): string {
  return mixed(DARK_PAPER, shade(0.95 - 0.75 * share).fill, 0.25 + 0.75 * share);
}

const ATTRIBUTE = /\b(fill|stroke)="(#[0-9a-f]{6})"/g;

/** Returns an SVG document in dark colours. */
export const darkened = (svg: string): string =>
  svg.replace(ATTRIBUTE, (whole, name, colour) => DARK[colour] ? `${name}="${DARK[colour]}"` : whole);

/** Returns an SVG document that follows the viewer's choice of light or dark. */
export function adaptive(svg: string): string {
  const used = new Set([...svg.matchAll(ATTRIBUTE)].map(([, name, colour]) => `${name} ${colour}`));
  const rules = [...used].map((each) => each.split(" ")).filter(([, colour]) => DARK[colour])
    .map(([name, colour]) => `.adaptive [${name}="${colour}"]{${name}:${DARK[colour]}}`);
  return svg.replace("<svg ", '<svg class="adaptive" ').replace(
    "</title>",
    `</title><style>@media screen and (prefers-color-scheme: dark){${rules.join("")}}</style>`,
  );
}
