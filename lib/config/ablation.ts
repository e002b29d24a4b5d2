/** What an ablation compares: recipes by name, each trained with several seeds, all on the same rows. */
import { join } from "node:path";
import { z } from "zod";
import { badInput } from "../errors.ts";
import { type FusionMethod, fusionMethod, fusionMethods } from "../fusion/mod.ts";
import { parseWith } from "../schema.ts";
import { type TrainConfig, trainConfig } from "./train.ts";
import { resolveConfig } from "./resolve.ts";

/** What differs between cells, and so is not said for all of them. */
const PER_CELL = { method: true, options: true, seed: true } as const;

/** What all cells share: the features are prepared once. */
const SHARED = {
  data: true,
  encoding: true,
  text: true,
  audio: true,
  name: true,
  out: true,
  cache: true,
  seed: true,
  max_rejected: true,
  use: true,
  engine: true,
  device: true,
  threads: true,
} as const;

/** Training options of one recipe; its `method` is its name unless told otherwise. */
const recipe = trainConfig.omit(SHARED).partial();

export const ablateConfig = trainConfig.omit(PER_CELL).extend({
  name: trainConfig.shape.name.describe(
    "Folder of the ablation under --out. Made from the data's name where absent.",
  ),
  methods: z.record(z.string(), z.record(z.string(), z.unknown()))
    .describe('Recipes by name: {"memocmt": {"lr": 3e-4, "options": {"dropout": 0.3}}}.'),
  seeds: z.array(z.int().min(0)).min(1).describe("Seeds that each recipe is trained with."),
  test: z.boolean().default(true).describe("Read the test split once, when all cells are trained."),
});

/** The configuration of an ablation: what all recipes share, the recipes, and the seeds. */
export interface AblateConfig extends Omit<TrainConfig, "method" | "options" | "seed"> {
  /** Recipes by name: the options in which each differs; a bare name is that of a method. */
  methods: Record<string, Record<string, unknown>>;
  /** Seeds that each recipe is trained with. */
  seeds: number[];
  /** Whether the test split is read, once, when all cells are trained. */
  test: boolean;
}

/** One training of an ablation: an ordinary run. */
export interface AblationCell {
  /** Name of its run: `memocmt-s1`. */
  id: string;
  /** Name of its recipe. */
  recipe: string;
  /** Seed of initial weights, batches and dropout. */
  seed: number;
  /** Whether it reads a single modality: what fused methods have to beat. */
  control: boolean;
  /** As the run keeps it. */
  config: TrainConfig;
}

/**
 * Methods to compare: those named, as the recipes of that name or with nothing changed; `all` is every method and recipe.
 * Without names they are the recipes, or all methods. Recipes of controls always count.
 */
export function chooseMethods(
  names: readonly string[] | undefined,
  recipes: AblateConfig["methods"] = {},
): AblateConfig["methods"] {
  const all = Object.fromEntries(fusionMethods.map(({ id }) => [id, {}]));
  if (names?.includes("all")) return { ...all, ...recipes };
  if (!names) return Object.keys(recipes).length > 0 ? recipes : all;
  const controls = fusionMethods.filter(isControl).map(({ id }) => id);
  const chosen = [...controls.filter((id) => id in recipes), ...names];
  return Object.fromEntries(chosen.map((name) => [name, recipes[name] ?? {}]));
}

/** Whether a method reads a single modality. */
export const isControl = ({ modalities }: Pick<FusionMethod, "modalities">): boolean =>
  modalities.length === 1;

/**
 * The cells of an ablation whose runs go to `folder`: seed by seed, so that a whole table is there early, and in it the
 * controls first, asked for or not. Throws UndertoneError for an unknown method or option.
 */
export function cellsOf(
  { methods, seeds, test: _, ...common }: AblateConfig,
  controls: readonly string[],
  folder: string,
): AblationCell[] {
  const entries = [...controls.map((id) => [id, {}] as const), ...Object.entries(methods)];
  const recipes = [...new Map(entries.map(([name, values]) => checkRecipe(name, values)))]
    .map(([recipe, values]) => ({
      recipe,
      values,
      control: isControl(fusionMethod(values.method)),
    }))
    .sort((a, b) => Number(b.control) - Number(a.control));
  return [...new Set(seeds)].flatMap((seed) =>
    recipes.map(({ recipe, values, control }) => {
      const id = `${recipe}-s${seed}`;
      const config = parseWith(trainConfig, { ...common, ...values, seed, out: folder, name: id }, id);
      return { id, recipe, seed, control, config: resolveConfig(config) };
    })
  );
}

/** The recipe with its method; a bare name is that of a method, and its aliases are the same recipe. */
function checkRecipe(
  name: string,
  values: Record<string, unknown>,
): [string, Record<string, unknown> & { method: string }] {
  parseWith(recipe, values, `the recipe '${name}'`);
  const { id: method } = fusionMethod(String(values.method ?? name), "the methods of the ablation");
  if (values.method === undefined) return [method, { ...values, method }];
  if (/^[\w.-]+$/.test(name)) return [name, { ...values, method }];
  throw badInput({
    expected: "a name of letters, digits, '.', '_' and '-'",
    found: `'${name}'`,
    at: "the names of the recipes",
    todo: "Its runs are folders of that name: choose another.",
  });
}

/** Where the run of a cell lies. */
export const cellPath = ({ config, id }: AblationCell): string => join(config.out, id);
