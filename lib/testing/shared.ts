/** Where tests find what they need: fixtures beside this file, and data that is too large or not ours to keep here. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Absolute path of a reference fixture, e.g. `fusion/memocmt_min.safetensors`. */
export const fixture = (name: string): string =>
  fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

/** Parsed JSON fixture. */
// deno-lint-ignore no-explicit-any
export const jsonFixture = (name: string): any => JSON.parse(Deno.readTextFileSync(fixture(name)));

const root = fileURLToPath(new URL("../../../shared/", import.meta.url));

/** Path of something in the folder `shared` beside the checkout, or undefined where it is not: such tests are ignored. */
export const shared = (name: string): string | undefined => existsSync(root + name) ? root + name : undefined;
