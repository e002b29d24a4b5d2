/** What scaling by groups and dialogue context need of the data: columns that some row fills. */
import { badInput } from "../errors.ts";
import { type Dataset, readsTurns } from "../data/mod.ts";
import { groupingOf } from "./normalize.ts";
import type { TrainConfig } from "./train.ts";

type Needing = Pick<TrainConfig, "text" | "audio" | "normalize" | "context">;
type Column = "speaker" | "session" | "dialogue" | "turn";

/**
 * Throws UndertoneError if no row has the column by which states are scaled, or the columns of the dialogue
 * that is read. Otherwise the run would be named after what it never does. Rows that lack them beside others
 * are only told.
 */
export function requireColumns(config: Needing, { rows, source }: Dataset): void {
  for (const { option, columns, instead } of needs(config)) {
    if (rows.some((row) => columns.every((column) => row[column] !== undefined))) continue;
    const names = columns.map((column) => `'${column}'`).join(" and ");
    const flags = columns.map((column) => `--columns.${column}=<name>`).join(" ");
    throw badInput({
      expected: `rows with a ${columns.join(" and a ")} for ${option}`,
      found: "none",
      at: source,
      todo: (columns.length > 1
        ? `Add the columns ${names}, say how they are named`
        : `Add the column ${names}, say how it is named`) + ` (${flags}), or ${instead}.`,
    });
  }
}

function needs(config: Needing): { option: string; columns: Column[]; instead: string }[] {
  const { context } = config;
  const scaled = (["text", "audio"] as const).flatMap((modality) => {
    const by = config[modality] === "none" ? undefined : groupingOf(config, modality)?.by;
    // Rows that name no corpus are one corpus.
    return by === undefined || by === "corpus" ? [] : [{
      option: `--normalize.${modality}=${by}`,
      columns: [by],
      instead: `write --normalize.${modality}=train`,
    }];
  });
  const reads = context && (context.past > 0 || context.future > 0 || context.states > 0);
  return [
    ...scaled,
    ...reads
      ? [{ option: "--context", columns: ["dialogue", "turn"] as Column[], instead: "leave --context out" }]
      : [],
    ...readsTurns(context) && context.speakers && config.text !== "none"
      ? [{
        option: "--context.speakers",
        columns: ["speaker"] as Column[],
        instead: "leave --context.speakers out",
      }]
      : [],
  ];
}
