/** Writes the `--help` text from the schema that reads the flags. */
import type { z } from "zod";
import { type OptionInfo, optionsOf } from "../../lib/schema.ts";
import { commonFlags } from "./common.ts";
import { flagName } from "./flags.ts";

export interface TaskHelp {
  name: string;
  /** The words before the flags, if the task takes any. */
  words?: string;
  /** One sentence that says what the task does. */
  summary: string;
  flags: z.ZodObject;
  /** Whole command lines, each with its purpose. */
  examples: readonly [command: string, why: string][];
  /** Anything else that a user should know. */
  notes?: string;
}

const WIDTH = 100;

/** Returns the help text of a task. */
export function helpText({ name, words, summary, flags, examples, notes }: TaskHelp): string {
  const own = optionsOf(flags), groups = groupsOf(own);
  const width = Math.max(...[...own, ...optionsOf(commonFlags)].map((option) => flagOf(option).length));
  const indent = Math.min(34, width + 4);
  return [
    ...wrap(summary, WIDTH),
    "",
    `Usage: deno task ${name} ${words ? `${words} ` : ""}${own.length ? "[flags]" : ""}`.trimEnd(),
    "",
    "Examples:",
    ...examples.flatMap(([command, why]) => [`  ${command}`, `      ${why}`]),
    ...groups.flatMap(([title, options]) => ["", `${title}:`, ...options.flatMap((o) => lines(o, indent))]),
    "",
    "In every task:",
    ...optionsOf(commonFlags).flatMap((option) => lines(option, indent)),
    ...(notes ? ["", ...notes.split("\n").flatMap(hanging)] : []),
  ].join("\n");
}

/** Flags that belong together in a long help text, in this order. All others come first. */
const GROUPS: readonly [title: string, keys: readonly string[]][] = [
  ["Data and encoders", [
    ...[
      "data",
      "labels",
      "shared",
      "folds",
      "protocol",
      "fold",
      "encoding",
      "max_rejected",
      "text",
      "audio",
      "context",
      "max_text_length",
      "max_audio_length",
    ],
    ...["normalize", "cache"],
  ]],
  ["Training", [
    ...["epochs", "batch_size", "accumulate", "lr", "weight_decay", "warmup", "schedule", "clip", "loss"],
    ...["label_smoothing", "focal_gamma", "class_weights", "select", "patience", "seed", "seeds"],
  ]],
  ["Fine-tuning encoders", ["train", "parts", "freeze", "encoder_lr", "lora", "gradient_checkpointing"]],
  ["Engine", ["engine", "device", "threads", "precision"]],
];

/** Sorts the flags of a task that trains into groups. Other tasks have one group. */
function groupsOf(options: readonly OptionInfo[]): [title: string, options: OptionInfo[]][] {
  if (options.length === 0) return [];
  if (!options.some(({ key }) => key === "epochs")) return [["Flags", [...options]]];
  const grouped = GROUPS.map(([title, keys]): [string, OptionInfo[]] => [
    title,
    options.filter(({ key }) => keys.includes(key)),
  ]);
  const others = options.filter((option) => !grouped.some(([, some]) => some.includes(option)));
  return [["Flags", others], ...grouped].filter(([, some]) => some.length > 0) as [string, OptionInfo[]][];
}

const flagOf = (option: OptionInfo) => flagName(option.key) + valueOf(option);

/** Formats a flag with its explanation. */
function lines(option: OptionInfo, indent: number): string[] {
  const [first, ...rest] = wrap(explain(option), WIDTH - indent), head = `  ${flagOf(option)}`;
  const opening = head.length < indent ? [head.padEnd(indent) + first] : [head, " ".repeat(indent) + first];
  return [...opening, ...rest.map((line) => " ".repeat(indent) + line)];
}

function valueOf({ type, choices }: OptionInfo): string {
  if (type === "boolean") return "";
  if (choices && choices.join("|").length <= 20) return `=${choices.join("|")}`;
  return {
    string: "=<text>",
    number: "=<number>",
    integer: "=<n>",
    array: "=<a,b>",
    object: "=<json>",
  }[type];
}

function explain({ key, description, choices, type, default: value }: OptionInfo): string {
  const listed = choices && choices.join("|").length > 20 ? ` One of ${choices.join(", ")}.` : "";
  const empty = value === undefined ||
    (typeof value === "object" && Object.keys(value as object).length === 0);
  const shown = Array.isArray(value) ? value.join(",") : String(value);
  const fallback = empty || value === false
    ? ""
    : type === "boolean"
    ? ` [on; ${flagName(`no-${key}`)} turns it off]`
    : ` [${shown}]`;
  return description + listed + fallback;
}

/** Wraps a line that may be indented; the lines that follow it are indented further. */
function hanging(line: string): string[] {
  const inner = line.trimStart(), margin = " ".repeat(line.length - inner.length);
  return wrap(inner, WIDTH - margin.length - 2).map((part, i) => margin + (i && margin ? "  " : "") + part);
}

function wrap(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines[lines.length - 1];
    if (line && line.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines;
}
