/** `deno task pack`: writes archives that work on a machine without a network. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { badInput } from "../lib/errors.ts";
import { parseFlags } from "./cli/flags.ts";
import { main, type Task } from "./cli/main.ts";
import { tell } from "./cli/output.ts";
import { archive } from "./pack/archive.ts";
import { partsOf, stageMain, stageText } from "./pack/stage.ts";
import { usedFiles } from "./pack/used_files.ts";

const flags = z.strictObject({
  to: z.string().default("outputs/pack").describe("Folder for the archives."),
  level: z.int().min(0).max(9).default(9).describe("How hard xz tries: 9 is smallest, 0 fastest."),
});

export const task: Task = {
  name: "pack",
  summary: "Packs Deno, ONNX Runtime and the project for machines like this one that have no network.",
  flags,
  examples: [["deno task pack", "two archives in outputs/pack; the second holds the default text encoder"]],
  notes:
    "Runs the project under strace to see which files of its packages it opens, and packs those. Needs " +
    "strace, tar and xz. docs/CLUSTERS.md says how to unpack and run.",

  async run(args, signal, json) {
    const { to, level } = parseFlags(flags, args);
    if (Deno.build.os !== "linux") {
      throw badInput({
        expected: "Linux",
        found: Deno.build.os,
        at: "deno task pack",
        todo: "Pack on a machine like those that will run it.",
      });
    }
    tell("… runs the project, to see which files it opens (a minute or more)");
    const workload = fileURLToPath(new URL("./pack/workload.ts", import.meta.url));
    const parts = partsOf(await usedFiles(workload, signal));
    const place = await Deno.makeTempDir({ prefix: "undertone-pack" }),
      name = `undertone-linux-${Deno.build.arch}`;
    await Deno.mkdir(to, { recursive: true });
    try {
      const written = [];
      for (
        const [file, stage, files] of [
          [`${name}.tar.xz`, stageMain, parts.main],
          ["undertone-text.tar.xz", stageText, parts.text],
        ] as const
      ) {
        const folder = join(place, file, "undertone"), path = join(to, file);
        await Deno.mkdir(folder, { recursive: true });
        await stage(folder, files);
        tell(`… compresses ${path}`);
        await archive(join(place, file), path, { level, signal });
        written.push({ path, bytes: (await Deno.stat(path)).size });
      }
      for (const { path, bytes } of written) console.log(`✓ ${path}: ${(bytes / 1e6).toFixed(1)} MB`);
      json(written);
    } finally {
      await Deno.remove(place, { recursive: true });
    }
  },
};

if (import.meta.main) await main(task);
