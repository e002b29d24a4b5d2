import { deepEqual, equal, ok } from "../testing/assert.ts";
import { existsSync } from "node:fs";
import { signOfLife } from "../files/mod.ts";
import { claim, openClaims } from "./claims.ts";

const folder = await Deno.makeTempDir({ prefix: "undertone-claims" });
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

Deno.test("one of two gets a block, until it gives the block free", async () => {
  const first = await claim(folder, "a");
  ok(first);
  equal(await claim(folder, "a"), undefined);
  ok(await claim(folder, "b"));
  await first.release();
  ok(await claim(folder, "a"));
});

Deno.test("a claim that is not renewed counts no more", async () => {
  const own = await claim(folder, "old"), path = `${folder}/old.claim`;
  await Deno.utime(path, new Date(Date.now() - 150_000), new Date(Date.now() - 150_000));
  await own!.renew();
  equal(await claim(folder, "old"), undefined);
  await Deno.utime(path, new Date(Date.now() - 150_000), new Date(Date.now() - 150_000));
  ok(await claim(folder, "old"));
});

Deno.test("the claim of a process that has ended on this host counts no more", async () => {
  const sign = signOfLife()!;
  await claim(folder, "dead", { sign: sign.path });
  equal(await claim(folder, "dead"), undefined);
  const ended = await Deno.makeTempFile({ dir: folder }); // nobody holds it locked
  await Deno.writeTextFile(`${folder}/dead.claim`, ended);
  ok(await claim(folder, "dead"));
  ok(!existsSync(ended), "the sign of life goes with the only claim");
  await Deno.writeTextFile(`${folder}/dead.claim`, "/nowhere/undertone-1.alive"); // another host's
  equal(await claim(folder, "dead"), undefined);
  sign.end();
});

Deno.test("in a folder that can't be written, each process works alone", async () => {
  ok(await claim(`${folder}/none`, "a"));
  ok(await claim(`${folder}/none`, "a"));
});

Deno.test("blocks of others come last; what several take together is everything", async () => {
  const blocks = ["1", "2", "3", "4"].map((name) => ({ name: `block${name}`, inputs: [name] }));
  const other = await claim(folder, "block1"), seen: string[] = [];
  const held = () => [...Deno.readDirSync(folder)].filter(({ name }) => name.startsWith("block")).length;
  {
    await using claims = openClaims(folder);
    for await (const { inputs, release } of claims.take(blocks)) {
      seen.push(...inputs);
      if (seen.length === 2) await other!.release();
      if (seen.length < 4) await release();
    }
    deepEqual(seen, ["2", "3", "4", "1"]);
    equal(held(), 1);
  }
  equal(held(), 0);
});

Deno.test("all blocks of a process are renewed together", async () => {
  await using claims = openClaims(folder);
  const blocks = ["x", "y"].map((name) => ({ name: `both-${name}`, inputs: [name] }));
  for await (const _ of claims.take(blocks));
  const long = new Date(Date.now() - 150_000), paths = blocks.map(({ name }) => `${folder}/${name}.claim`);
  for (const path of paths) await Deno.utime(path, long, long);
  await claims.renew();
  for (const { name } of blocks) equal(await claim(folder, name), undefined);
});

Deno.test("while others hold what is left, the waiting process is called back", async () => {
  const held = (await claim(folder, "held"))!, sign = signOfLife()!;
  await Deno.writeTextFile(`${folder}/held.claim`, sign.path);
  let waits = 0;
  const onWait = async () => {
    waits++;
    await held.release();
  };
  await using claims = openClaims(folder);
  const blocks = await Array.fromAsync(claims.take([{ name: "held", inputs: [1] }], { onWait }));
  deepEqual([waits, blocks.map(({ inputs }) => inputs)], [1, [[1]]]);
  sign.end();
});
