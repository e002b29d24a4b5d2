/**
 * Renders SVG to PNG without a browser. The font comes from a package, so that every machine draws the same.
 */
import { fileURLToPath } from "node:url";

/** Returns the paths of the font files, regular and semibold. */
export const fontFiles = (): string[] =>
  ["400Regular/OpenSans_400Regular.ttf", "600SemiBold/OpenSans_600SemiBold.ttf"]
    .map((name) => fileURLToPath(import.meta.resolve(`@expo-google-fonts/open-sans/${name}`)));

/**
 * Returns the PNG bytes of an SVG document, with `scale` pixels per unit of the drawing. Characters that Open
 * Sans lacks (it has Latin, Greek, Cyrillic and Hebrew) come from the system's fonts, if it has any.
 */
export async function png(svg: string, scale = 2): Promise<Uint8Array<ArrayBuffer>> {
  const { Resvg } = await import("@resvg/resvg-js"); // imported on first use, because it is a native library
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
