/** Writes a run's model card, `MODEL_CARD.md`, from the files in its folder and its data. */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { commandLine, type TrainConfig } from "../../config/mod.ts";
import type { Dataset } from "../../data/mod.ts";
import { licenceOf, type Modality, publicName } from "../../encoders/mod.ts";
import { readJson, writeFileAtomic } from "../../files/mod.ts";
import { fusionMethods } from "../../fusion/mod.ts";
import { isModelName } from "../../hub/mod.ts";
import { mdBlock, mdCode, mdList, mdTable, mdText, wrapped } from "../../markdown.ts";
import type { TargetKind } from "../../target.ts";
import { readDivision } from "../division.ts";
import { reportedConfig } from "../kept_config.ts";
import type { RunFolder } from "../run_folder.ts";
import type { Results } from "../split_result.ts";
import { againName, trainCommands } from "../train_commands.ts";
import { cardText, type ModelCard } from "./card.ts";
import { type CardData, cardData, dataText, labelsText, licenceText } from "./data_section.ts";
import type { FrontMatter } from "./front_matter.ts";
import { INTENDED_USE, limitsText } from "./limits.ts";
import { cardResults, groupsText, metricsText } from "./results_section.ts";

/** Everything that a run's card is made from. */
export interface RunFacts {
  /** Name and path of the run. */
  run: Pick<RunFolder, "name" | "path">;
  config: TrainConfig;
  data: CardData;
  results: Results;
  environment: Readonly<Record<string, unknown>>;
  /** Numbers of epochs that the run was planned for before it was extended, in order. */
  extended: readonly number[];
}

/** Writes the card of a run whose results are written. `ofCheckpoint` is the configuration of its weights. */
export async function writeRunCard(
  folder: RunFolder,
  ofCheckpoint: TrainConfig,
  { dataset, results, extended }: { dataset: Dataset; results: Results; extended: readonly number[] },
): Promise<void> {
  const config = await reportedConfig(folder.config, { ...ofCheckpoint, name: folder.name });
  const environment = existsSync(folder.environment)
    ? await readJson(folder.environment).catch(() => ({})) as Record<string, unknown>
    : {};
  const data = cardData(dataset, config.data, (await readDivision(folder))?.unusable ?? []);
  const card = runCard({ run: folder, config, data, results, environment, extended });
  const before = existsSync(folder.card) ? await Deno.readTextFile(folder.card) : "";
  await writeFileAtomic(folder.card, withLicence(cardText(card), before));
}

/** Returns a card with the licence that its user wrote into the card before: `license: cc-by-4.0`. */
export function withLicence(card: string, before: string): string {
  const [head] = before.split("\n---\n"), lines = head.match(/^license\w*:.*$/gm) ?? [];
  return lines.length > 0 ? card.replace("---\n", () => `---\n${lines.join("\n")}\n`) : card;
}

/** Returns the card of a run. */
export function runCard(facts: RunFacts): ModelCard {
  const { run, config, data, results, environment } = facts;
  const encoders = encodersOf(config);
  const licences = Object.fromEntries(
    encoders.map(({ modality, id }) => [publicName(id), licenceOf(modality, id)]),
  );
  return {
    about: aboutOf(facts),
    title: run.name,
    summary: `A model of emotions in ${reads(encoders)}, trained on ${mdText(data.name)} with Undertone. ` +
      "This card was made from the run's own files.",
    sections: {
      Model: modelText(facts),
      Data: dataText(data),
      Labels: labelsText(data),
      Licence: licenceText(data, licences),
      Metrics: metricsText(config.method, results),
      Groups: groupsText(results, run.path),
      Limits: limitsText(data.corpora, data.target),
      "Intended use": INTENDED_USE,
      Command: commandText(facts),
      Environment: environmentText(environment),
    },
  };
}

interface NamedEncoder {
  modality: Modality;
  id: string;
}

const encodersOf = (config: TrainConfig): NamedEncoder[] =>
  (["text", "audio"] as const).filter((modality) => config[modality] !== "none")
    .map((modality) => ({ modality, id: config[modality] }));

const WORDS = { text: "text", audio: "speech" } as const;

const reads = (encoders: readonly NamedEncoder[]): string =>
  encoders.map(({ modality }) => WORDS[modality]).join(" and ") || "text and speech";

/** The hub's name of what a model does, where it has one. */
function taskOf({ target }: CardData, encoders: readonly NamedEncoder[]): { type: string; name: string } {
  const reader = encoders.some(({ modality }) => modality === "audio") ? "audio" : "text";
  return { type: target === "values" ? "other" : `${reader}-classification`, name: "emotion recognition" };
}

function aboutOf({ run, config, data, results }: RunFacts): FrontMatter {
  const encoders = encodersOf(config),
    languages = [...new Set(data.corpora.flatMap(({ languages }) => languages))];
  const slug = data.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "") || "data";
  const found = cardResults(results, { name: data.name, type: slug }, taskOf(data, encoders));
  const metrics = [...new Set(found.flatMap(({ metrics }) => metrics.map(({ type }) => type)))];
  const bases = encoders.flatMap(({ id }) => id.split("+")).flatMap((id) => {
    const [, name] = /^hf(?:-onnx)?:([^#]+)/.exec(id) ?? [];
    return name?.includes("/") && isModelName(name) && !existsSync(name) ? [name] : [];
  });
  return {
    ...languages.length > 0 && data.unknown.length === 0 && { language: languages },
    library_name: "undertone",
    tags: ["emotion-recognition", ...encoders.map(({ modality }) => WORDS[modality]), config.method],
    ...bases.length && { base_model: bases },
    ...metrics.length && { metrics },
    ...found.length && { "model-index": [{ name: run.name, results: found }] },
  };
}

const KINDS: Readonly<Record<TargetKind, string>> = {
  class: "one label",
  distribution: "a distribution over labels",
  labels: "any number of labels",
  values: "continuous values",
};

function modelText({ config, data, results }: RunFacts): string {
  const { summary } = fusionMethods.find(({ id }) => id === config.method) ?? {};
  const { normalize } = results.dev ?? results.test ?? {};
  return mdTable(["part", "value"], [
    ["fusion method", mdCode(config.method) + (summary ? `: ${mdText(summary)}` : "")],
    ["text encoder", mdCode(publicName(config.text))],
    ["speech encoder", mdCode(publicName(config.audio))],
    ["answers", `${KINDS[data.target]}: ${data.labels.map(mdText).join(", ")}`],
    ["trained parts", mdText(trainedParts(config))],
    ...config.context ? [["context", mdCode(JSON.stringify(config.context))]] : [],
    ...normalize ? [["hidden states are scaled", mdText(normalize)]] : [],
    ...config.use.length
      ? [[
        "code of its own",
        mdText(`${config.use.map((path) => basename(path)).join(", ")}; the run has copies`),
      ]]
      : [],
    ...config.precision === "fp16"
      ? [["precision", "trained with products in 16 bits; weights and predictions are 32-bit"]]
      : [],
    ["seed", String(config.seed)],
  ], ["left", "left"]);
}

const trainedParts = ({ train, freeze, lora }: TrainConfig): string =>
  [...new Set(freeze.length ? freeze.flatMap(({ train }) => train) : train)].join(", ") +
  (lora ? `, encoders by LoRA of rank ${lora.r}` : "");

function commandText({ run, config, data, environment, extended }: RunFacts): string {
  const use = config.use.map((path) => `--use=${path}`);
  const trained = { config, target: data.target, environment, extended };
  const lines = trainCommands(trained, againName(run.name));
  const words = encodersOf(config).some(({ modality }) => modality === "text")
    ? ['--text="You did what?"']
    : [];
  const sound = encodersOf(config).some(({ modality }) => modality === "audio") ? ["--audio=me.wav"] : [];
  return [
    wrapped("These commands train the model again; each has all options that differ from their defaults."),
    mdBlock(lines.join("\n"), "sh"),
    "This one predicts with it:",
    mdBlock(
      [commandLine("infer", [`--checkpoint=${run.path}`, ...use]), ...words, ...sound].join(" "),
      "sh",
    ),
  ].join("\n\n");
}

function environmentText(environment: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(environment)
    .filter(([key, value]) => key !== "init" && ["string", "number"].includes(typeof value));
  if (entries.length === 0) return "Not known: the run's environment.json is missing or damaged.";
  return mdList(
    entries.map(([key, value]) => `${mdText(key.replaceAll("_", " "))}: ${mdText(String(value))}`),
  );
}
