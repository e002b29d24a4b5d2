/** The configuration of an ablation: named recipes, each trained with several seeds on the same rows. */
import { join } from "node:path";
import { z } from "zod";
import { badInput } from "../errors.ts";
import { type FusionMethod, fusionMethod, fusionMethods } from "../fusion/mod.ts";
import { parseWith } from "../schema.ts";
import { type TrainConfig, trainConfig } from "./train.ts";
import { planRun, type RunPlan } from "./run_plan.ts";

/** Options that differ between cells, so the ablation itself does not have them. */
const PER_CELL = { method: true, options: true, seed: true } as const;

/** Options that all cells share, because the features are prepared once. */
const SHARED = {
  data: true,
  encoding: true,
  columns: true,
  target: true,
  protocol: true,
  fold: true,
  text: true,
  audio: true,
  name: true,
  out: true,
  cache: true,
  seed: true,
  max_rejected: true,
  keep_text: true,
  use: true,
  engine: true,
  device: true,
  threads: true,
} as const;

/** The training options of one recipe. Its `method` defaults to the recipe's name. */
const recipe = trainConfig.omit(SHARED).partial();

export const ablateConfig = trainConfig.omit(PER_CELL).extend({
  name: trainConfig.shape.name.describe(
    "Folder of the ablation under --out. Default: built from the data's name.",
  ),
  methods: z.record(z.string(), z.record(z.string(), z.unknown()))
    .describe('Recipes by name: {"memocmt": {"lr": 3e-4, "options": {"dropout": 0.3}}}.'),
  seeds: z.array(z.int().min(0)).min(1).describe("Seeds; each recipe is trained with every one."),
  test: z.boolean().default(true).describe("Read the test split once, after all cells are trained."),
});

/** The configuration of an ablation: the recipes, the seeds, and the options that all recipes share. */
export interface AblateConfig extends Omit<TrainConfig, "method" | "options" | "seed"> {
  /**
   * The recipes by name, each with the options that it changes.
   * A recipe without `method` is named after its method.
   */
  methods: Record<string, Record<string, unknown>>;
  /** Seeds; each recipe is trained with every one. */
  seeds: number[];
  /** Whether the test split is read once, after all cells are trained. */
  test: boolean;
}

/** One training of an ablation, which is an ordinary run. */
export interface AblationCell {
  /** Name of the run, e.g. `memocmt-s1`. */
  id: string;
  /** Name of its recipe. */
  recipe: string;
  /** Seed of initial weights, batches and dropout. */
  seed: number;
  /** Whether the method reads a single modality. Fused methods must beat such controls. */
  control: boolean;
  /** The configuration that the run folder keeps. */
  config: TrainConfig;
  /**
   * The plan of its run.
   * @internal
   */
  plan: RunPlan;
}

/**
 * Returns the recipes to compare. A name selects the recipe of that name, or the method of that name with
 * default options. `all` selects every method and recipe. Without names, all recipes are compared, or all
 * methods if there are no recipes. Recipes of controls are always included.
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

/** Returns whether a fusion method reads a single modality. */
export const isControl = ({ modalities }: Pick<FusionMethod, "modalities">): boolean =>
  modalities.length === 1;

/**
 * Returns the cells of an ablation whose runs go to `folder`. They are ordered seed by seed, so that the
 * first complete table comes early, and each seed starts with the controls. Controls are always included.
 * Throws UndertoneError for an unknown method or option.
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
      const plan = planRun(parseWith(trainConfig, { ...common, ...values, seed, out: folder, name: id }, id));
      return { id, recipe, seed, control, config: plan.config, plan };
    })
  );
}

/**
 * Returns the recipe with its `method` filled in. If the recipe has none, its name or alias is the method.
 */
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
    todo: "Choose another name: the folders of its runs have that name.",
  });
}

/** Returns the ablation whose only recipe is this training. */
export const ablationOf = ({ method, options, seed, ...common }: TrainConfig): AblateConfig => ({
  ...common,
  methods: { [method]: { options } },
  seeds: [seed],
  test: true,
});

/** Returns the path of a cell's run folder. */
export const cellPath = ({ config, id }: AblationCell): string => join(config.out, id);
