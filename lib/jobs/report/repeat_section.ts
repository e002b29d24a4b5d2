/** The section on how to train a run again: the exact command, and where it was trained. */
import { commandLine } from "../../config/mod.ts";
import type { Section, Table } from "../../plot/mod.ts";
import { againName, trainCommands } from "../train_commands.ts";
import type { Material } from "./material.ts";

/** Returns the section. */
export const repeatSection = (material: Material): Section => ({
  title: "How to repeat it",
  ...commandsOf(material),
  tables: environmentTables([material]),
});

/** Returns the commands that train and evaluate a run again, and what they can't say. */
export function commandsOf(
  { name, config, target, answered, events, environment }: Material,
): Pick<Section, "texts" | "commands"> {
  const again = againName(name);
  const extended = (events as readonly { type: string }[]).filter((event) =>
    event.type === "extended"
  ) as unknown as { from: number; to: number }[];
  const trained = { config, target, environment, extended: extended.map(({ from }) => from) };
  return {
    texts: [
      "Options that are not named have their defaults. The same engine on the same kind of processor gives the " +
      "same numbers; another one may differ in the last digits.",
      ...config.use.length > 0
        ? ["The run keeps a copy of the modules that it used, in its folder modules."]
        : [],
    ],
    commands: [
      ...trainCommands(trained, again),
      ...answered.some(({ split }) => split === "test")
        ? [commandLine("evaluate", [`--run=outputs/${again}`, "--split=test"])]
        : [],
    ],
  };
}

/** Returns a table of the machines and versions, a column for each run. */
export function environmentTables(runs: readonly Material[]): Table[] {
  const flat = runs.map(({ environment = {} }) =>
    new Map(
      Object.entries(environment).flatMap(([key, value]): [string, unknown][] =>
        typeof value === "object" && value !== null
          ? Object.entries(value)
          : [[key.replaceAll("_", " "), value]]
      ),
    )
  );
  const keys = [...new Set(flat.flatMap((values) => [...values.keys()]))];
  if (keys.length === 0) return [];
  const one = runs.length === 1;
  return [{
    title: "Machine and versions",
    columns: ["", ...runs.map(({ name }) => one ? "value" : name)],
    rows: keys.map((key) => [key, ...flat.map((values) => values.has(key) ? String(values.get(key)) : null)]),
  }];
}
