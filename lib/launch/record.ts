/** The record of a launch: what was submitted, when and how. It lies in the launch's folder. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { badInput } from "../errors.ts";
import { readJson, writeJsonAtomic } from "../files/mod.ts";
import { placesOf } from "./array.ts";

/** One part of a launch. */
export interface LaunchedPart {
  /** Name of the cell or shard. */
  id: string;
  /** Hash of its resolved configuration. */
  hash: string;
}

/** One submission of parts. */
export interface Submission {
  /** Number of the Slurm array; absent for processes of this machine. */
  job?: string;
  /** Number of the Slurm job that looks whether nodes see the folders. */
  probe?: string;
  /** When it was submitted, in ISO 8601. */
  at: string;
  /** Numbers of its parts, counted from 1. */
  parts: number[];
  /** For processes of this machine: the sign of life of their starter, and the parts that ended. */
  alive?: string;
  ended?: number[];
}

/** A launch. */
export interface Launch {
  launcher: "slurm" | "local";
  /** All parts, in order. */
  parts: LaunchedPart[];
  /** The submissions, the newest last. */
  submissions: Submission[];
}

const numbers = z.array(z.int().min(1)), text = z.string().optional();
const submission = z.looseObject({
  ...{ job: text, probe: text, alive: text, at: z.string(), parts: numbers, ended: numbers.optional() },
});
const record = z.looseObject({
  launcher: z.enum(["slurm", "local"]),
  parts: z.array(z.looseObject({ id: z.string(), hash: z.string() })),
  submissions: z.array(submission),
});

/** Reads the record of a launch; undefined if there is none. */
export async function readLaunch(folder: string): Promise<Launch | undefined> {
  const path = placesOf(folder).record;
  if (!existsSync(path)) return undefined;
  const { data } = record.safeParse(await readJson(path));
  if (data) return data;
  throw badInput({
    expected: "the record of a launch",
    found: "something else",
    at: path,
    todo: "Remove that file: what is trained stays, and the next --launch writes it anew.",
  });
}

/** Writes the record of a launch. */
export const writeLaunch = (folder: string, launch: Launch): Promise<void> =>
  writeJsonAtomic(placesOf(folder).record, launch);

/** Returns the newest log of each part that has one. Lists the folder of logs once. */
export function logsOf(folder: string, { submissions }: Launch): Map<number, string> {
  const { logs } = placesOf(folder), newest = new Map<number, string>();
  const there = new Set(existsSync(logs) ? readdirSync(logs) : []);
  for (const { job, parts } of submissions) {
    for (const [i, part] of parts.entries()) {
      const name = job ? `${job}_${i + 1}.log` : `${part}.log`;
      if (there.has(name)) newest.set(part, join(logs, name));
    }
  }
  return newest;
}
