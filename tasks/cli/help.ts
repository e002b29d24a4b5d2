/** Writes the `--help` text from the schema that reads the flags. */
import type { z } from "zod";
import { type OptionInfo, optionsOf } from "../../lib/schema.ts";
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
  const rows = optionsOf(flags).map((option) =>
    [flagName(option.key) + valueOf(option), explain(option)] as const
  );
  const indent = Math.min(34, Math.max(...rows.map(([flag]) => flag.length)) + 4);
  const lines = rows.flatMap(([flag, text]) => {
    const [first, ...rest] = wrap(text, WIDTH - indent);
    const head = `  ${flag}`;
    const opening = head.length < indent ? [head.padEnd(indent) + first] : [head, " ".repeat(indent) + first];
    return [...opening, ...rest.map((line) => " ".repeat(indent) + line)];
  });
  return [
    summary,
    "",
    `Usage: deno task ${name} ${words ? `${words} ` : ""}[flags]`,
    "",
    ...examples.flatMap(([command, why]) => [`  ${command}`, `      ${why}`]),
    "",
    "Flags:",
    ...lines,
    ...(notes ? ["", ...notes.split("\n").flatMap((line) => wrap(line, WIDTH))] : []),
  ].join("\n");
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

function explain({ description, choices, type, default: value }: OptionInfo): string {
  const listed = choices && choices.join("|").length > 20 ? ` One of ${choices.join(", ")}.` : "";
  const empty = value === undefined ||
    (typeof value === "object" && Object.keys(value as object).length === 0);
  const shown = Array.isArray(value) ? value.join(",") : String(value);
  const fallback = empty || value === false
    ? ""
    : type === "boolean"
    ? " [on; --no-… turns it off]"
    : ` [${shown}]`;
  return description + listed + fallback;
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
