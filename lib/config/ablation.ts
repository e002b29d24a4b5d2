/** The configuration of an ablation: named recipes, each trained with several seeds on the same rows. */
import { join } from "node:path";
import { z } from "zod";
import { badInput } from "../errors.ts";
import { metricNamed } from "../eval/mod.ts";
import { type FusionMethod, fusionMethod, fusionMethods } from "../fusion/mod.ts";
import { parseWith } from "../schema.ts";
import { controlRecipes, type Recipe, recipeDifferences } from "./recipes.ts";
import { type TrainConfig, trainConfig } from "./train.ts";
import { planRun, type RunPlan } from "./run_plan.ts";

/** Options that differ between cells, so the ablation itself does not have them. */
const PER_CELL = { method: true, options: true, seed: true } as const;

/** Options that all cells share: they name the data, the places and the engine. Recipes set all others. */
const SHARED = {
  data: true,
  encoding: true,
  columns: true,
  pattern: true,
  target: true,
  labels: true,
  protocol: true,
  fold: true,
  name: true,
  out: true,
  cache: true,
  seed: true,
  max_rejected: true,
  keep_text: true,
  use: true,
  track: true,
  engine: true,
  device: true,
  threads: true,
} as const;

const figures = z.record(z.string(), z.number());

const published = z.strictObject({
  source: z.string().min(1).describe("Who published the figures, and how they were measured."),
  dev: figures.optional().describe('Metrics on dev by name, shares as fractions: {"accuracy": 0.63}.'),
  test: figures.optional().describe("Metrics on test by name."),
});

/** The training options of one recipe. Its `method` defaults to the recipe's name. */
const recipe = trainConfig.omit(SHARED).partial().extend({ published: published.optional() });

export const ablateConfig = trainConfig.omit(PER_CELL).extend({
  name: trainConfig.shape.name.describe(
    "Folder of the ablation under --out. Default: built from the data's name.",
  ),
  methods: z.record(z.string(), z.record(z.string(), z.unknown()))
    .describe('Recipes by name: {"memocmt": {"lr": 3e-4, "options": {"dropout": 0.3}}}.'),
  seeds: z.array(z.int().min(0)).min(1).describe("Seeds; each recipe is trained with every one."),
  compare: z.array(z.array(z.string()).length(2)).default([])
    .describe("Pairs of recipes or controls to compare, beside the best recipe with each other one."),
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
  /** Pairs of recipes or controls to compare, beside the best fused recipe with each other one. */
  compare: string[][];
  /** Whether the test split is read once, after all cells are trained. */
  test: boolean;
}

/** Figures that others published for a recipe. Shares are fractions. */
export interface Published {
  /** Who published them, and how they were measured. */
  source: string;
  /** Metrics on dev by name. */
  dev?: Record<string, number>;
  /** Metrics on test by name. */
  test?: Record<string, number>;
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
  /** The options in which the recipes differ, as text; absent if there are none. */
  differs?: string;
  /** Figures that others published for the recipe. */
  published?: Published;
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
 * first complete table comes early, and each seed starts with the controls. Controls are always included, and
 * one that reads dialogues also stands without them. Throws UndertoneError for an unknown method or option,
 * or for a pair of unknown recipes.
 */
export function cellsOf(
  { methods, seeds, compare: _pairs, test: _test, ...common }: AblateConfig,
  controls: readonly string[],
  folder: string,
): AblationCell[] {
  const given = Object.entries(methods).map(([name, values]) => checkRecipe(name, values));
  const entries = [...controlRecipes(controls, given, common), ...given]
    .flatMap((recipe) => withoutContext(recipe, common));
  const differences = recipeDifferences(entries, common);
  const placeOf = ({ recipe, control }: Pick<AblationCell, "recipe" | "control">) => {
    const place = controls.indexOf(recipe.replace(NO_CONTEXT, ""));
    return place >= 0 ? place : controls.length + Number(!control);
  };
  const recipes = entries
    .map(([recipe, { published, ...values }]) => ({
      recipe,
      values,
      control: isControl(fusionMethod(values.method)),
      ...differences.get(recipe) && { differs: differences.get(recipe) },
      ...published !== undefined && { published: published as Published },
    }))
    .sort((a, b) => placeOf(a) - placeOf(b));
  return [...new Set(seeds)].flatMap((seed) =>
    recipes.map(({ values, ...recipe }) => {
      const id = `${recipe.recipe}-s${seed}`;
      const plan = planRun(parseWith(trainConfig, { ...common, ...values, seed, out: folder, name: id }, id));
      return { id, seed, ...recipe, config: plan.config, plan };
    })
  );
}

/** End of the name of a control that reads no dialogue, beside the same one that does. */
const NO_CONTEXT = "-no-context";

/** Returns a recipe; a control that reads dialogues comes with one that does not. */
function withoutContext([name, values]: Recipe, common: { context?: unknown }): Recipe[] {
  const context = "context" in values ? values.context : common.context;
  if (!context || !isControl(fusionMethod(values.method))) return [[name, values]];
  return [[name + NO_CONTEXT, { ...values, context: undefined }], [name, values]];
}

/**
 * Returns the recipe with its `method` filled in. If the recipe has none, its name or alias is the method.
 */
function checkRecipe(name: string, values: Record<string, unknown>): Recipe {
  const { published } = parseWith(recipe, values, `the recipe '${name}'`);
  for (const by of [published?.dev, published?.test]) {
    for (const [id, value] of Object.entries(by ?? {})) requireFigure(id, value, name);
  }
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
  compare: [],
  test: true,
});

/** Throws UndertoneError if a published figure has no known metric, or is in percent. */
function requireFigure(id: string, value: number, name: string): void {
  const { percent: isShare = true } = metricNamed(id, `the published figures of '${name}'`);
  if (!isShare || (value >= 0 && value <= 1)) return;
  throw badInput({
    expected: `${id} from 0 to 1`,
    found: `${value}`,
    at: `the published figures of '${name}'`,
    todo: "Write a share as a fraction: 0.63 for 63 %.",
  });
}

/** Returns the path of a cell's run folder. */
export const cellPath = ({ config, id }: AblationCell): string => join(config.out, id);
