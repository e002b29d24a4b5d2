import { deepEqual, equal, ok } from "../testing/assert.ts";
import { Resvg } from "@resvg/resvg-js";
import { fontFiles } from "./png.ts";
import { document, escape, fit, text, textWidth, ticks } from "./svg.ts";
import { INK, PAPER, shade } from "./theme.ts";

const font = { fontFiles: fontFiles(), loadSystemFonts: false };

Deno.test("the estimated width of text is never too small and not much too large", () => {
  const samples = [
    "surprise",
    "96,000",
    "embarrassment",
    "MELD WWW",
    "100 %",
    "радость",
    "Ängstlich",
    "69.3 ± 1.0",
  ];
  for (const sample of samples) {
    for (const weight of [400, 600] as const) {
      const drawn = new Resvg(
        `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="60" font-family="Open Sans">${
          text(5, 30, sample, { weight })
        }</svg>`,
        { font },
      ).innerBBox()!.width;
      const estimate = textWidth(sample, 13);
      ok(drawn <= estimate && drawn > estimate * 0.75, `${sample}: ${drawn} drawn, ${estimate} estimated`);
    }
  }
});

Deno.test("names from files are text, not markup", () => {
  equal(escape(`<b a="1">&'\u0000`), "&lt;b a=&quot;1&quot;&gt;&amp;&#39;");
  new Resvg(document(100, 40, `a <i> & "b"`, [text(4, 20, "</text>\u0001]]>")])); // throws if it is not XML
});

Deno.test("text that is too long ends in an ellipsis and fits", () => {
  equal(fit("joy", 13, 100), "joy");
  const short = fit("a very long name that never ends", 13, 100);
  ok(short.endsWith("…") && textWidth(short, 13) <= 100 && short.length > 8, short);
});

Deno.test("ticks are round and inside", () => {
  deepEqual(ticks(0, 1, 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  deepEqual(ticks(0.28, 0.72, 4), [0.4, 0.6]);
  deepEqual(ticks(1, 18, 6), [5, 10, 15]);
  deepEqual(ticks(-0.3, 0.3, 3), [-0.2, 0, 0.2]);
});

/** Relative luminance and contrast as in WCAG 2. */
const luminance = (colour: string) => {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16) / 255)
    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (a: string, b: string) => {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
};

Deno.test("shades darken steadily and their ink stays readable", () => {
  equal(shade(0).ink, INK);
  equal(shade(1).ink, PAPER);
  const steps = Array.from({ length: 101 }, (_, i) => shade(i / 100));
  steps.forEach(({ fill, ink }, i) => {
    ok(contrast(fill, ink) > 3.6, `contrast ${contrast(fill, ink)} at ${i} %`);
    if (i) ok(luminance(fill) < luminance(steps[i - 1].fill), `darker at ${i} %`);
  });
});
