/** The name of this library in user code, and the location of its own code. */
import { fileURLToPath } from "node:url";

/** The import name: `import { trainRun } from "@undertone/undertone"`. */
export const LIBRARY = "@undertone/undertone";

const folder = fileURLToPath(new URL("./", import.meta.url));

/** Returns whether an absolute path lies inside the library's own code. */
export const inLibrary = (path: string): boolean => path.startsWith(folder);
