/** What others may know of an encoder: its name without the path to its folder, and its licence. */
import { speechEncoders, textEncoders } from "./registry.ts";
import type { Modality } from "./encoder.ts";

/** Returns an encoder's name without the path to its folder. */
export const publicName = (id: string): string => id.replace(/:.*[\\/]/, ":");

/** Returns the licences of an encoder's weights, or of all encoders that `id` joins with `+`. */
export function licenceOf(modality: Modality, id: string): string {
  const entries = modality === "text" ? textEncoders() : speechEncoders();
  const licences = id.split("+").map((part) =>
    entries.find((entry) => entry.id === part.split(":")[0])?.licence ?? "unknown"
  );
  return [...new Set(licences)].join("; ");
}
