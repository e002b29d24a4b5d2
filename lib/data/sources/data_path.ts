/** The path of a data set, which may have a source's id before it, or be a source's own word. */
import { existsSync } from "node:fs";
import { fromProject } from "../../paths.ts";
import { PREFIXED } from "./find.ts";
import { dataSources, isDataSource } from "./registry.ts";

/** Returns a data set's path as a process in the project's folder has it. */
export function dataPath(given: string): string {
  const isWord = dataSources().some(({ words }) => words?.includes(given));
  if (given === "" || isWord || /^([a-z]:[\\/]|[a-z]+:\/\/)/i.test(given)) return given;
  const path = fromProject(given), [, id, rest] = PREFIXED.exec(given) ?? [];
  const isNamed = id !== undefined && isDataSource(id) && !existsSync(path);
  return isNamed ? `${id}:${rest && fromProject(rest)}` : path;
}
