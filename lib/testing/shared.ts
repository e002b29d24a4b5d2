/** Paths of test data: fixtures beside this file, and data that is too large or not ours to keep here. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Returns the absolute path of a reference fixture, e.g. `fusion/memocmt_min.safetensors`. */
export const fixture = (name: string): string =>
  fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

/** Returns a parsed JSON fixture. */
// deno-lint-ignore no-explicit-any
export const jsonFixture = (name: string): any => JSON.parse(Deno.readTextFileSync(fixture(name)));

const root = fileURLToPath(new URL("../../../shared/", import.meta.url));

/**
 * Returns a path in the folder `shared` beside the checkout, or undefined if it does not exist. Tests that
 * need it are then skipped.
 */
export const shared = (name: string): string | undefined => existsSync(root + name) ? root + name : undefined;
