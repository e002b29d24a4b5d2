/** The space of a search: the options that it chooses, and the configuration of a trial. */
import {
  isTrainingOption,
  planRun,
  type RunPlan,
  type SearchConfig,
  type TrainConfig,
  trainConfig,
} from "../../config/mod.ts";
import { badInput, requireKnown } from "../../errors.ts";
import { type FusionMethod, fusionMethod } from "../../fusion/mod.ts";
import { random, seedOf } from "../../random.ts";
import { type OptionInfo, optionsOf, parseWith } from "../../schema.ts";
import { type Domain, domainText, draw, readDomain } from "./domain.ts";

/** An option that a search chooses. */
export interface Parameter {
  /** Its name: `lr`, or `options.dropout`. */
  key: string;
  domain: Domain;
  /** The methods that have it; absent if all do. */
  methods?: readonly string[];
}

/** What a search chooses from. */
export interface Space {
  /** The options, the method first. */
  parameters: readonly Parameter[];
  /** The methods that trials may have. */
  methods: readonly string[];
  /** How each option is read, and where it does not count. */
  notes: readonly string[];
}

/** The values of one trial, by option. An option that the trial's method does not have is absent. */
export type Values = Record<string, unknown>;

/** Options of training that a search can't choose, with the reason. */
const FIXED: Readonly<Record<string, string>> = {
  name: "It names the folder.",
  out: "It names the folder.",
  seed: "All trials share it, so that the options alone differ; --retrain shows what seeds do.",
  select: "It is what the search compares trials by.",
  track: "It does not change what is trained.",
  train: "Trials share what trains: compare this with deno task ablate.",
  freeze: "Trials share what trains: compare this with deno task ablate.",
};

/** Options whose inner ones can be searched: `options.dropout`. */
const OBJECTS = ["options", "augment", "lora", "normalize"];

/** Reads what a configuration searches. The user's modules must be loaded. Throws UndertoneError. */
export function readSpace(config: SearchConfig): Space {
  const { method: given, ...others } = config.search;
  if (Object.keys(config.search).length === 0) {
    throw badInput({
      expected: "options to search",
      found: "none",
      at: "search",
      todo: 'Write e.g. "search": {"lr": {"log": [1e-4, 3e-3]}} in the file of --config; see --help.',
    });
  }
  if (config.strategy === "asha" && "epochs" in others) {
    throw badInput({
      expected: "one number of epochs for asha, whose rungs are epochs",
      found: "epochs among the options to search",
      at: "search.epochs",
      todo: "Set --epochs, or search with --strategy random or tpe.",
    });
  }
  const chosen = given === undefined ? undefined : readDomain("method", given, { integer: false });
  if (chosen?.kind === "number") throw noMethods();
  const methods = (chosen?.values ?? [config.method]).map((name) =>
    fusionMethod(String(name), "search.method")
  );
  const parameters: Parameter[] = [
    ...chosen ? [{ key: "method", domain: { ...chosen, values: methods.map(({ id }) => id) } }] : [],
    ...Object.entries(others).map(([key, value]) => parameterOf(key, value, methods)),
  ];
  const space = { parameters, methods: methods.map(({ id }) => id), notes: [] };
  for (const method of space.methods) requireValid(config, space, method);
  return { ...space, notes: [...parameters.map(noteOf), ...unusedOptions(config, methods)] };
}

function parameterOf(key: string, value: unknown, methods: readonly FusionMethod[]): Parameter {
  const [head, ...inner] = key.split("."), name = inner.join(".");
  requireKnown("an option of training", head, Object.keys(trainConfig.shape), "search");
  if (!isTrainingOption(head) || head in FIXED) {
    throw badInput({
      expected: "an option that a search can choose",
      found: `'${key}'`,
      at: "search",
      todo: FIXED[head] ??
        "Trials read the same prepared data: compare encoders and data with deno task ablate.",
    });
  }
  if (OBJECTS.includes(head) !== inner.length > 0 && head !== "normalize") {
    throw badInput({
      expected: inner.length ? `'${head}' alone` : `an option within '${head}', such as '${head}.dropout'`,
      found: `'${key}'`,
      at: "search",
      todo: "Change the name.",
    });
  }
  if (head !== "options") {
    const info = optionsOf(trainConfig).find((option) => option.key === head)!;
    const own = inner.length === 0 ? info : innerOption(head, name);
    return { key, domain: readDomain(key, value, { integer: own?.type === "integer" }) };
  }
  const having = methods.flatMap((method) => {
    const option = optionsOf(method.options).find((option) => option.key === name);
    return option ? [{ id: method.id, option }] : [];
  });
  if (having.length === 0) {
    const known = [...new Set(methods.flatMap(({ options }) => optionsOf(options).map(({ key }) => key)))];
    requireKnown(`an option of ${methods.map(({ id }) => id).join(" or ")}`, name, known, `search.${key}`);
  }
  const integer = having.every(({ option }) => option.type === "integer");
  return {
    key,
    domain: readDomain(key, value, { integer }),
    ...having.length < methods.length && { methods: having.map(({ id }) => id) },
  };
}

/** Returns an option of an object such as `lora`, where the schema knows it. */
function innerOption(head: string, name: string): OptionInfo | undefined {
  if (head !== "lora") return undefined;
  return optionsOf(trainConfig.shape.lora).find(({ key }) => key === name);
}

const noteOf = ({ key, domain, methods }: Parameter): string =>
  domainText(key, domain) +
  (methods ? `; only ${methods.join(" and ")} ${methods.length > 1 ? "have" : "has"} it` : "");

/** Says which options beside the search some methods do not have. */
function unusedOptions({ options }: SearchConfig, methods: readonly FusionMethod[]): string[] {
  return methods.length < 2 ? [] : Object.keys(options).flatMap((name) => {
    const lacking = methods.filter(({ options }) => !optionsOf(options).some(({ key }) => key === name));
    return lacking.length > 0 && lacking.length < methods.length
      ? [`options.${name} is left out of ${lacking.map(({ id }) => id).join(" and ")}, which lack it.`]
      : [];
  });
}

/**
 * Plans a method with the ends of each range and with every choice, so that a wrong one is refused at
 * once.
 */
function requireValid(config: SearchConfig, space: Space, method: string): void {
  const first = firstValues(space, method);
  for (const { key, domain } of space.parameters) {
    if (key === "method" || !(key in first)) continue;
    const ends = domain.kind === "choice" ? domain.values : [domain.low, domain.high];
    for (const value of ends) trialPlan(config, { ...first, [key]: value }, { out: "", name: "search" });
  }
  trialPlan(config, first, { out: "", name: "search" });
}

/** Returns the first value of every option that a method has. */
export const firstValues = ({ parameters }: Pick<Space, "parameters">, method: string): Values =>
  Object.fromEntries(
    parameters.filter(({ methods }) => !methods || methods.includes(method)).map(({ key, domain }) => [
      key,
      key === "method" ? method : domain.kind === "choice" ? domain.values[0] : domain.low,
    ]),
  );

/** Returns only the values that a trial's method has. */
export function withoutUnused({ parameters, methods }: Space, values: Values): Values {
  const method = String(values.method ?? methods[0]);
  return Object.fromEntries(
    parameters.filter((p) => !p.methods || p.methods.includes(method)).map(({ key }) => [key, values[key]]),
  );
}

/** Draws the values of trial `i` at random. They depend on the seed and `i` alone, each option by itself. */
export const randomValues = (space: Space, seed: number, i: number): Values =>
  withoutUnused(
    space,
    Object.fromEntries(space.parameters.map(({ key, domain }) => [
      key,
      draw(domain, random(seedOf("search", seed, i, key))),
    ])),
  );

/** Returns the options beside the search. */
export function withoutSearch(config: SearchConfig): TrainConfig {
  const { search: _s, strategy: _t, trials: _n, retrain: _r, ...rest } = config;
  const { eta: _e, first_rung: _f, at_once: _a, ...common } = rest;
  return common;
}

/** Returns the training options of a trial: those beside the search, with the trial's values. */
export function trialConfig(config: SearchConfig, values: Values): Omit<TrainConfig, "name"> {
  const { name: _, ...common } = withoutSearch(config);
  const method = String(values.method ?? common.method), known = optionsOf(fusionMethod(method).options);
  const isSearched = "method" in values; // a method that was not searched gets all options, or refuses them
  const options = Object.fromEntries(
    Object.entries(common.options).filter(([name]) => !isSearched || known.some(({ key }) => key === name)),
  );
  const changed: Record<string, unknown> = structuredClone({ ...common, method, options });
  for (const [key, value] of Object.entries(values)) {
    const [head, ...inner] = key.split(".");
    if (inner.length === 0) changed[head] = value;
    else {
      const before = changed[head],
        whole = typeof before === "string" ? { text: before, audio: before } : before;
      changed[head] = { ...whole as object, [inner.join(".")]: value };
    }
  }
  return changed as unknown as TrainConfig;
}

/** Plans a trial. Throws UndertoneError if its values are out of the options' bounds. */
export const trialPlan = (
  config: SearchConfig,
  values: Values,
  place: { out: string; name: string },
): RunPlan => planRun(parseWith(trainConfig, { ...trialConfig(config, values), ...place }, "the search"));

const noMethods = () =>
  badInput({
    expected: "names of methods",
    found: "a range of numbers",
    at: "search.method",
    todo: 'Write ["memocmt", "fine_grained"].',
  });
