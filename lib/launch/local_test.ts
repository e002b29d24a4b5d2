/** What processes of this machine are handed, with a shell script in the place of Deno. */
import { deepEqual, equal } from "../testing/assert.ts";
import { testWith } from "../testing/needs.ts";
import { runLocally } from "./local.ts";

const root = await Deno.makeTempDir({ prefix: "undertone-local" }), path = Deno.env.get("PATH")!;
addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));

/** Does each part that it is handed. Part 2 is killed. */
const DENO = `#!/bin/sh
echo "$*" >>${root}/starts
part=\${*##*--cell=}; part=\${part%%/*}
while [ -n "$part" ]; do
  echo "does $part"; echo "warns of $part" >&2
  if [ "$part" = 2 ]; then kill -9 $$; fi
  printf '\\036'; printf '\\036' >&2
  read -r part || part=
done
echo bye`;
await Deno.writeTextFile(`${root}/deno`, DENO, { mode: 0o755 });

/** Runs parts one at a time, and returns what failed, what ended, and the parts that started a process. */
async function run(
  name: string,
  parts: number[],
  { twice, onEnd }: { twice?: boolean; onEnd?: (stop: AbortController) => void } = {},
) {
  const folder = `${root}/${name}`, ended: number[] = [], stop = new AbortController();
  const about = { name, task: "ablate", set: "ablate", flags: [], size: 4, twice };
  const array = { folder, ...about, part: "cell" as const };
  Deno.env.set("PATH", `${root}:${path}`);
  try {
    const failed = await runLocally(array, parts, {
      ...{ jobs: 1, threads: 1, signal: stop.signal },
      onEnd: (part) => (ended.push(part), onEnd?.(stop)),
    });
    const starts = (await Deno.readTextFile(`${root}/starts`)).trim().split("\n");
    return { failed: [...failed], ended, starts: starts.map((line) => /--cell=(\d+)/.exec(line)?.[1]) };
  } finally {
    Deno.env.set("PATH", path);
    await Deno.remove(`${root}/starts`);
  }
}

const logOf = (name: string, part: number) => Deno.readTextFile(`${root}/${name}/logs/${part}.log`);
const linesOf = async (name: string, part: number) => (await logOf(name, part)).trim().split("\n").sort();

testWith("Linux", "a process does part after part, each with its own log, until one is killed", async () => {
  deepEqual(await run("handed", [1, 2, 3, 4]), {
    failed: [[2, 137]],
    ended: [1, 2, 3, 4],
    starts: ["1", "3"],
  });
  deepEqual(await linesOf("handed", 1), ["does 1", "warns of 1"]);
  deepEqual(await linesOf("handed", 2), ["does 2", "warns of 2"]);
  deepEqual(await linesOf("handed", 3), ["does 3", "warns of 3"]);
  deepEqual(await linesOf("handed", 4), ["bye", "does 4", "warns of 4"]);
});

testWith("Linux", "a launch that is stopped hands out nothing more", async () => {
  const { failed, ended } = await run("stopped", [1, 3, 4], { onEnd: (stop) => stop.abort() });
  deepEqual([failed, ended], [[], [1]]);
  equal((await logOf("stopped", 1)).includes("does 3"), false);
});

testWith("Linux", "parts are handed out again when all are complete, and not if one has failed", async () => {
  deepEqual(await run("twice", [1, 3], { twice: true }), { failed: [], ended: [1, 3], starts: ["1"] });
  deepEqual(await linesOf("twice", 1), ["does 1", "does 1 again", "warns of 1", "warns of 1 again"]);
  deepEqual((await run("twice-failed", [1, 2, 3], { twice: true })).failed, [[2, 137]]);
  deepEqual(await linesOf("twice-failed", 1), ["does 1", "warns of 1"]);
});
