/** Finds SwiftShader, a Vulkan device in software that Chromium includes (Debian: in `chromium-common`). */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

const PLACES = ["/usr/lib/chromium", "/usr/lib/chromium-browser", "/opt/google/chrome"];

/** Returns the environment of a process that computes on SwiftShader, or undefined if it is not installed. */
export function swiftshader(): Record<string, string> | undefined {
  const named = Deno.env.get("UNDERTONE_SWIFTSHADER"), places = named === undefined ? PLACES : [named];
  const icd = places.map((place) => join(place, "vk_swiftshader_icd.json")).find(existsSync);
  if (!icd) return undefined;
  // Chromium's folder also has Vulkan's loader, for systems that have none.
  return { VK_ICD_FILENAMES: icd, LD_LIBRARY_PATH: dirname(icd), XDG_RUNTIME_DIR: "/tmp" };
}
