/** The commands that train a run again, for its report and its model card. */
import { commandLine, trainArgs, type TrainConfig } from "../config/mod.ts";
import type { TargetKind } from "../target.ts";

/** What the commands follow from. */
export interface Trained {
  config: TrainConfig;
  target: TargetKind;
  /** Environment of the run: `init` is the checkpoint that it began from. */
  environment?: Readonly<Record<string, unknown>>;
  /** Numbers of epochs that the run was planned for before it was extended, in order. */
  extended: readonly number[];
}

/** Returns the commands that train a run again in the folder `name` of `outputs`, extensions included. */
export function trainCommands({ config, target, environment, extended }: Trained, name: string): string[] {
  const [first, ...later] = [...extended, config.epochs], init = environment?.init;
  const train = trainArgs({ ...config, epochs: first }, target);
  return [
    commandLine("train", [
      ...train,
      ...typeof init === "string" ? [`--init=${init}`] : [],
      `--name=${name}`,
    ]),
    ...later.map((epochs) =>
      commandLine("train", [
        `--resume=outputs/${name}`,
        `--epochs=${epochs}`,
        ...config.use.map((path) => `--use=${path}`),
      ])
    ),
  ];
}

/** Returns a name for a run that is trained again beside this one. */
export const againName = (name: string): string => `${name.replaceAll(/[^\w.-]+/g, "-")}-again`;
