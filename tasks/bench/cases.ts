/** All cases, in the order of the table. */
import type { Case } from "./case.ts";
import { coldStartCases } from "./cold_start.ts";
import { encoderCases } from "./encoders.ts";
import { trainingCases } from "./training.ts";

export const cases: readonly Case[] = [...trainingCases, ...encoderCases, ...coldStartCases];
