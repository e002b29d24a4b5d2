/** Builds the few SVG elements that the figures need, as strings. */
import stringWidth from "string-width";
import { FONT, INK, LINE, PAPER } from "./theme.ts";

const ESCAPES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes text for XML and HTML, attributes included. Removes control characters, which XML forbids. */
export const escape = (text: string): string =>
  // deno-lint-ignore no-control-regex -- the pattern removes them
  text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "").replace(/[&<>"']/g, (c) => ESCAPES[c]);

export interface TextStyle {
  size?: number;
  weight?: 400 | 600;
  fill?: string;
  anchor?: "start" | "middle" | "end";
  /** Degrees clockwise about (x, y). */
  rotate?: number;
}

/** Draws one line of text. Its baseline starts, centres or ends at (x, y). */
export function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { size = 13, weight = 400, fill = INK, anchor = "start", rotate } = style;
  const turn = rotate ? ` transform="rotate(${rotate} ${round(x)} ${round(y)})"` : "";
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" font-weight="${weight}" fill="${fill}" ` +
    `text-anchor="${anchor}"${turn}>${escape(content)}</text>`;
}

export interface BoxStyle {
  fill?: string;
  stroke?: string;
  radius?: number;
  /** Opacity of the fill, 0 to 1. */
  opacity?: number;
}

export const rect = (x: number, y: number, width: number, height: number, style: BoxStyle): string =>
  `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" ` +
  `rx="${style.radius ?? 0}" fill="${style.fill ?? "none"}" stroke="${style.stroke ?? "none"}"` +
  `${style.opacity === undefined ? "" : ` fill-opacity="${round(style.opacity)}"`}/>`;

export interface StrokeStyle {
  stroke?: string;
  width?: number;
  dash?: string;
}

export const line = (x1: number, y1: number, x2: number, y2: number, style: StrokeStyle = {}): string =>
  polyline([[x1, y1], [x2, y2]], style);

export function polyline(points: readonly (readonly [number, number])[], style: StrokeStyle = {}): string {
  const { stroke = LINE, width = 1, dash } = style;
  return `<polyline points="${points.map(([x, y]) => `${round(x)},${round(y)}`).join(" ")}" fill="none" ` +
    `stroke="${stroke}" stroke-width="${width}" stroke-linejoin="round" stroke-linecap="round"` +
    `${dash ? ` stroke-dasharray="${dash}"` : ""}/>`;
}

export function circle(
  x: number,
  y: number,
  radius: number,
  { fill = "none", stroke = "none", opacity = 1, width = 2 } = {},
): string {
  return `<circle cx="${round(x)}" cy="${round(y)}" r="${radius}" fill="${fill}" stroke="${stroke}" ` +
    `stroke-width="${width}" opacity="${opacity}"/>`;
}

/** Groups parts as one mark of the drawing. A viewer reads what it `says` when the pointer is over it. */
export const mark = (says: string, ...parts: readonly string[]): string =>
  `<g><title>${escape(says)}</title>${parts.join("\n")}</g>`;

/** An unseen box that the pointer can be over, as a part of a mark. */
export const target = (x: number, y: number, width: number, height: number): string =>
  `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="none" ` +
  `pointer-events="all"/>`;

/** Groups the parts of a series, which its legend of the same name hides and shows again. */
export const ofSeries = (name: string, ...parts: readonly string[]): string =>
  `<g data-series="${escape(name)}">${parts.join("")}</g>`;

/** Groups the parts of a legend, which hides and shows the series of its name. */
export const ofLegend = (name: string, ...parts: readonly string[]): string =>
  `<g data-legend="${escape(name)}">${parts.join("")}</g>`;

/** Returns a complete document of `width` by `height` pixels on paper. Screen readers read `title`. */
export const document = (
  width: number,
  height: number,
  title: string,
  parts: readonly string[],
  paper = PAPER,
): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.ceil(width)}" height="${Math.ceil(height)}" ` +
  `viewBox="0 0 ${Math.ceil(width)} ${Math.ceil(height)}" role="img" font-family="${FONT}">` +
  `<title>${escape(title)}</title>${rect(0, 0, Math.ceil(width), Math.ceil(height), { fill: paper })}\n${
    parts.join("\n")
  }\n</svg>\n`;

/** Estimates the width of a line of text in pixels, rather too wide than too narrow. Needs no font files. */
export function textWidth(content: string, size: number): number {
  let em = 0;
  for (const char of content) {
    if (/[iIl.,:;'|!·]/.test(char)) em += 0.3;
    else if (/[fjrt()\[\]\-\/ ]/.test(char)) em += 0.4;
    else if (/[mwMW%@—]/.test(char)) em += 0.95;
    else if (/\p{Lu}/u.test(char)) em += 0.7;
    else em += stringWidth(char) * (stringWidth(char) > 1 ? 0.5 : 0.6);
  }
  return em * size;
}

/** Returns `content`, cut to `width` pixels with an ellipsis if it is longer. */
export function fit(content: string, size: number, width: number): string {
  if (textWidth(content, size) <= width) return content;
  const chars = [...content];
  while (chars.length > 1 && textWidth(chars.join("") + "…", size) > width) chars.pop();
  return chars.join("").trimEnd() + "…";
}

/** Returns about `count` round numbers (1, 2 or 5 times a power of ten) within [low, high]. */
export function ticks(low: number, high: number, count: number): number[] {
  const raw = (high - low) / Math.max(1, count), power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= raw * 0.999)! * power;
  const first = Math.ceil(low / step - 1e-9), last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

const round = (value: number): number => Math.round(value * 100) / 100;
