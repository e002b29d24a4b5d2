/** The library as user code names it. */
import { fileURLToPath } from "node:url";

/** The name in imports: `import { trainRun } from "@undertone/undertone"`. */
export const LIBRARY = "@undertone/undertone";

const folder = fileURLToPath(new URL("./", import.meta.url));

/** Whether an absolute path leads into the library's own code. */
export const inLibrary = (path: string): boolean => path.startsWith(folder);
