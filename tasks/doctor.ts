/** `deno task doctor`: checks the installation and says how to mend what is broken. */
import { z } from "zod";
import { doctor, type Finding } from "../lib/jobs/mod.ts";
import { trainConfig } from "../lib/config/mod.ts";
import { parseFlags } from "./cli/flags.ts";
import { main, type Task } from "./cli/main.ts";

const flags = trainConfig.pick({ out: true, encoding: true, columns: true, pattern: true }).extend({
  data: z.string().optional().describe("A data set to check as well."),
});

const MARK = { ok: "✓", missing: "–", broken: "✗" };

export const task: Task = {
  name: "doctor",
  summary: "Checks engine, encoders, data and tools. Exits with code 1 if something is broken.",
  flags,
  examples: [["deno task doctor --data my/manifest.csv", "also checks that data set"]],

  async run(args, _signal, json) {
    const { out, data, encoding, columns, pattern } = parseFlags(flags, args);
    const findings: Finding[] = [];
    for await (const finding of doctor({ out, data, encoding, columns, pattern })) {
      findings.push(finding);
      console.log(`${MARK[finding.state]} ${finding.what.padEnd(32)} ${finding.detail}`);
      if (finding.todo) console.log(`  ${"".padEnd(32)} ${finding.todo}`);
    }
    const broken = findings.filter(({ state }) => state === "broken").length;
    console.log(broken ? `\n${broken} broken` : "\nAll is well.");
    json(findings);
    return broken ? 1 : 0;
  },
};

if (import.meta.main) await main(task);
