/**
 * Renders SVG to PNG without a browser. The font comes from a package, so that every machine draws the same.
 */
import { fileURLToPath } from "node:url";

/** Returns the paths of the font files, regular and semibold. */
export const fontFiles = (): string[] =>
  ["400Regular/OpenSans_400Regular.ttf", "600SemiBold/OpenSans_600SemiBold.ttf"]
    .map((name) => fileURLToPath(import.meta.resolve(`@expo-google-fonts/open-sans/${name}`)));

/** Text whose every character Open Sans has. The font has some others, too. */
export const inOpenSans =
  /^[\n\x20-\x7e\xa0-\u017f\u0391-\u03a1\u03a3-\u03ce\u0400-\u0482\u05d0-\u05ea–—‘’“”†•…−≈≤≥]*$/;

/**
 * Returns the PNG bytes of an SVG document, with `scale` pixels per unit of the drawing. Characters that Open
 * Sans lacks (it has Latin, Greek, Cyrillic and Hebrew) come from the system's fonts, if it has any. They are
 * searched only then: a system can have thousands of fonts.
 */
export async function png(svg: string, scale = 2): Promise<Uint8Array<ArrayBuffer>> {
  const { renderAsync } = await import("@resvg/resvg-js"); // on first use, because it is a native library
  const image = await renderAsync(svg, {
    fitTo: { mode: "zoom", value: scale },
    font: {
      fontFiles: fontFiles(),
      loadSystemFonts: !inOpenSans.test(svg),
      defaultFontFamily: "Open Sans",
      sansSerifFamily: "Open Sans",
    },
  });
  return new Uint8Array(image.asPng());
}
