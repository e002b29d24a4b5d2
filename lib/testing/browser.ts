/** Finds a browser that tests can run headless. */
import { existsSync } from "node:fs";

export const findBrowser = (): string | undefined =>
  ["/usr/bin/chromium", "/usr/bin/google-chrome"].find((path) => existsSync(path));
