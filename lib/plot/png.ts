/** PNG from SVG without a browser; the font comes along as a package, so that every machine draws the same. */
import { fileURLToPath } from "node:url";

/** Paths of the font files, regular and semibold. */
export const fontFiles = (): string[] =>
  ["400Regular/OpenSans_400Regular.ttf", "600SemiBold/OpenSans_600SemiBold.ttf"]
    .map((name) => fileURLToPath(import.meta.resolve(`@expo-google-fonts/open-sans/${name}`)));

/**
 * Bytes of a PNG of an SVG document, `scale` device pixels to one of the drawing. Characters that Open Sans lacks
 * (it has Latin, Greek, Cyrillic, Hebrew) come from the system's fonts, where there are any.
 */
export async function png(svg: string, scale = 2): Promise<Uint8Array<ArrayBuffer>> {
  const { Resvg } = await import("@resvg/resvg-js"); // on first use: a native library
  const image = new Resvg(svg, {
    fitTo: { mode: "zoom", value: scale },
    font: {
      fontFiles: fontFiles(),
      loadSystemFonts: true,
      defaultFontFamily: "Open Sans",
      sansSerifFamily: "Open Sans",
    },
  });
  return new Uint8Array(image.render().asPng());
}
