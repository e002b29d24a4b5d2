import { deepEqual, equal, ok } from "../testing/assert.ts";
import { Resvg } from "@resvg/resvg-js";
import { fontFiles, inOpenSans, png } from "./png.ts";
import { document, text } from "./svg.ts";

const picture = (weight: 400 | 600) =>
  document(200, 60, "t", [text(10, 40, "Überraschung", { weight, size: 20 })]);

Deno.test("a PNG of the drawing's size times the scale", async () => {
  const bytes = await png(picture(400), 3);
  deepEqual([...bytes.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const view = new DataView(bytes.buffer);
  deepEqual([view.getUint32(16), view.getUint32(20)], [600, 180]);
});

Deno.test("text needs no system font", async () => {
  for (const weight of [400, 600] as const) {
    const bare = new Resvg(picture(weight), {
      fitTo: { mode: "zoom", value: 2 },
      font: { loadSystemFonts: false, fontFiles: fontFiles() },
    });
    ok(new Uint8Array(bare.render().asPng()).toBase64() === (await png(picture(weight))).toBase64());
  }
  const empty = document(200, 60, "t", []);
  ok((await png(picture(400))).length > 2 * (await png(empty)).length, "letters leave ink");
  equal((await png(picture(400))).toBase64() === (await png(picture(600))).toBase64(), false, "two weights");
});

/** Returns the picture of a character, without the system's fonts. */
function drawn(character: string): string {
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="30" height="30"><text y="20">${character}</text></svg>`;
  const font = { loadSystemFonts: false, fontFiles: fontFiles(), defaultFontFamily: "Open Sans" };
  return new Uint8Array(new Resvg(svg, { font }).render().asPng()).toBase64();
}

Deno.test("the system's fonts are searched for characters alone that Open Sans lacks", () => {
  const absent = drawn("漢");
  for (const character of "!~¡ſΑΡΣώЀ҂את–—‘’“”†•…−≈≤≥") {
    ok(inOpenSans.test(character), character);
    ok(drawn(character) !== absent, character);
  }
  for (const character of ["漢", "ا", "अ", "→", "😀"]) ok(!inOpenSans.test(`joy ${character}`), character);
});
