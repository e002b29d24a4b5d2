/** The flags that every task has. */
import { z } from "zod";

/** Their schema. `runTask` reads them. */
export const commonFlags = z.strictObject({
  json: z.boolean().default(false).describe(
    'Print the result as JSON, alone on stdout; an error as {"error": …}. Everything else goes to stderr.',
  ),
  quiet: z.boolean().default(false).describe("Show no progress: only the result, notes and errors."),
  verbose: z.boolean().default(false).describe(
    "Also show every row that was left out, versions, the time taken, and the stack trace of an error.",
  ),
  version: z.boolean().default(false).describe("Print the version of Undertone, and do nothing else."),
  help: z.boolean().default(false).describe("Print this help, and do nothing else. Also -h."),
});
