/** Checks methods from modules outside the project, as a user would. */
import { fileURLToPath } from "node:url";
import { deepEqual, equal, match, ok } from "../lib/testing/assert.ts";
import { task } from "./check_method.ts";
import { task as train } from "./train.ts";
import { captured as run } from "./cli/testing.ts";

const folder = await Deno.makeTempDir();

/** A user's module, which imports the package by its name and a file beside it. */
const moduleOf = (id: string, mean: string) => `
import { registerFusionMethod } from "@undertone/undertone";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { linearInit, linearLayer, maskedMean } from "@undertone/undertone/nn";
import { summary } from "./parts/summary.ts";

registerFusionMethod({
  id: "${id}",
  summary,
  modalities: ["text", "audio"],
  options: z.strictObject({ bias: z.boolean().default(true).describe("Whether there are biases.") }),
  init: ({ bias }, { text, audio, classes }, seed) => ({
    ...linearInit(seed, "read", text, classes, bias),
    ...linearInit(seed, "heard", audio, classes, bias),
  }),
  apply(params, { text, textMask, audio, audioMask }) {
    const mean = (x: tf.Tensor3D, mask: tf.Tensor2D) => ${mean};
    const read = linearLayer(params, "read", mean(text, textMask));
    const heard = linearLayer(params, "heard", mean(audio, audioMask));
    return { logits: tf.sub(read, heard) };
  },
});
`;

await Deno.mkdir(`${folder}/parts`);
await Deno.writeTextFile(`${folder}/parts/summary.ts`, `export const summary = "Mean states, subtracted.";`);
const write = async (name: string, text: string) => {
  await Deno.writeTextFile(`${folder}/${name}`, text);
  return `${folder}/${name}`;
};

Deno.test("a user's module is checked from any folder", async () => {
  const path = await write("sound.ts", moduleOf("difference", "maskedMean(x, mask)"));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "check-method", path],
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    env: { NO_COLOR: "1" },
  });
  const { code, stdout, stderr } = await child.output(),
    decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  equal(code, 0, decode(stdout) + decode(stderr));
  match(decode(stdout), /^difference: 12 of 12 checks passed, in [\d.]+ s\n✓ output /);
});

Deno.test("options reach the method; a failed check gives exit code 1", async () => {
  const path = await write("leaking.ts", moduleOf("leaking", "tf.mean(x, 1)"));
  const { code, out, err } = await run(task, path, "--options.bias=false", "--json");
  equal(code, 1);
  const checks: { name: string; passed: boolean; figure: string }[] = JSON.parse(out.at(-1)!).leaking;
  deepEqual(checks.filter(({ passed }) => !passed).map(({ name }) => name), ["padding"]);
  match(checks[0].figure, /, 60 parameters /); // 20 x 3, without biases
  ok(err.some((line) => line.startsWith("✗ padding")));
});

/** Modules that can't be checked, and the errors. */
const refused: [name: string, text: string | undefined, message: RegExp][] = [
  [
    "none.ts",
    undefined,
    /^Expected a TypeScript or JavaScript module but found no file at .*none\.ts\. Check the path/,
  ],
  [
    "syntax.ts",
    "const = 3;",
    /^Expected a module that can be imported but found an error, '.*syntax\.ts:1:\d+.*', at .*syntax\.ts\. Fix/,
  ],
  ["import.ts", 'import "no-such-package";', /^Expected a module that can be imported .*no-such-package/],
  ["throws.ts", 'throw new Error("not today");', /found an error, 'not today', at .*throws\.ts\./],
  [
    "silent.ts",
    "export const nothing = 1;",
    /found one that registers nothing at .*silent\.ts\. Call registerFusionMethod/,
  ],
  [
    "metric.ts",
    `import { registerMetric } from "@undertone/undertone";
registerMetric({ id: "one", label: "one", targets: ["class"], higherIsBetter: true, compute: () => 1 });`,
    /found a module that registers none at .*metric\.ts\. Call registerFusionMethod/,
  ],
  [
    "taken.ts",
    moduleOf("memocmt", "maskedMean(x, mask)"),
    /found 'memocmt', which is built in at its registration\. Choose another id\.$/,
  ],
];
for (const [name, text, message] of refused) {
  Deno.test(`${name} is refused in a sentence`, async () => {
    const path = text === undefined ? `${folder}/${name}` : await write(name, text);
    const { code, out, err } = await run(task, path);
    deepEqual([code, out, err.length], [2, [], 1], err.join("\n"));
    match(err[0], message);
  });
}

Deno.test("a method is checked by its name; an unknown name or no name is refused", async () => {
  equal((await run(task, "late_fusion")).code, 0);
  match((await run(task, "late_fusoin")).err[0], /Did you mean late_fusion\?$/);
  match((await run(task)).err[0], /^Expected a module .* but found nothing at the command line\./);
});

/** Trains the method of a module for an epoch. */
const trains = (path: string, method: string) =>
  run(
    train,
    ...[`--use=${path}`, `--method=${method}`, "--audio=log-mel", "--epochs=1"],
    ...[`--out=${folder}/out`, `--cache=${folder}/cache`],
  );

Deno.test("one error that fails many checks is told once, with its place; train tells the same place", async () => {
  const path = await write(
    "wide.ts",
    moduleOf("wide", "tf.concat([maskedMean(x, mask), maskedMean(x, mask)], 1)"),
  );
  const { code, out } = await run(task, path);
  equal(code, 1);
  equal(out.filter((line) => line.includes("Expected states of width 12 but found width 24")).length, 1);
  const place = /\((wide\.ts:\d+:\d+)\)$/.exec(out.find((line) => line.includes("found width 24"))!)![1];
  match(out.join("\n"), /10 other checks fail alike: gradients, padding, .*, training\./);
  const trained = await trains(path, "wide");
  equal(trained.code, 2);
  match(trained.err.at(-1)!, new RegExp(`found width .* \\(${place}\\)$`));
});

Deno.test("a head that returns its logits alone is told what to return, by both tasks", async () => {
  const text = moduleOf("bare", "maskedMean(x, mask)").replace(
    "return { logits: tf.sub(read, heard) };",
    "return tf.sub(read, heard) as never;",
  );
  const path = await write("bare.ts", text);
  match(
    (await run(task, path)).out.join("\n"),
    /found a tensor at apply of bare\. apply must return \{ logits \}\./,
  );
  const trained = await trains(path, "bare");
  equal(trained.code, 2);
  match(trained.err.at(-1)!, /found a tensor at apply of bare\. apply must return \{ logits \}\.$/);
});
