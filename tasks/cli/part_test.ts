import { equal } from "../../lib/testing/assert.ts";
import { asPart } from "./part.ts";

Deno.test("a part that Slurm stops requeues its own task, not the whole array", async () => {
  const folder = await Deno.makeTempDir({ prefix: "undertone-part" }), before = Deno.env.toObject();
  await Deno.writeTextFile(
    `${folder}/scontrol`,
    `#!/bin/sh\necho "$*" >>${folder}/said\necho JobState=RUNNING\n`,
    { mode: 0o755 },
  );
  const job = { SLURM_JOB_ID: "7", SLURM_ARRAY_JOB_ID: "7", SLURM_ARRAY_TASK_ID: "2" };
  const own = { ...job, UNDERTONE_REQUEUES: "1", PATH: `${folder}:${before.PATH}` };
  for (const [name, value] of Object.entries(own)) Deno.env.set(name, value);
  try {
    equal(await asPart(AbortSignal.abort(), { number: 2, of: 2 }, () => Promise.resolve()), 130);
    equal(await Deno.readTextFile(`${folder}/said`), "show job --oneliner 7_2\nrequeue 7_2\n");
  } finally {
    for (const name of Object.keys(own)) {
      if (before[name] === undefined) Deno.env.delete(name);
      else Deno.env.set(name, before[name]);
    }
    await Deno.remove(folder, { recursive: true });
  }
});
