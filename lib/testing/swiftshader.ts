/** A Vulkan device without a GPU: SwiftShader, which Chromium brings along (Debian: in `chromium-common`). */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

const PLACES = ["/usr/lib/chromium", "/usr/lib/chromium-browser", "/opt/google/chrome"];

/** What a process needs in its environment to compute on it; undefined where it is not installed: such tests are ignored. */
export function swiftshader(): Record<string, string> | undefined {
  const named = Deno.env.get("UNDERTONE_SWIFTSHADER"), places = named === undefined ? PLACES : [named];
  const icd = places.map((place) => join(place, "vk_swiftshader_icd.json")).find(existsSync);
  if (!icd) return undefined;
  // Vulkan's loader lies beside it, for systems that have none.
  return { VK_ICD_FILENAMES: icd, LD_LIBRARY_PATH: dirname(icd), XDG_RUNTIME_DIR: "/tmp" };
}
