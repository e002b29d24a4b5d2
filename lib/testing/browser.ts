/** A browser that tests can start without a window. */
import { existsSync } from "node:fs";

export const findBrowser = (): string | undefined =>
  ["/usr/bin/chromium", "/usr/bin/google-chrome"].find((path) => existsSync(path));
