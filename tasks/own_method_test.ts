/** Runs the README's example of a user's module, and the commands below it. */
import { fileURLToPath } from "node:url";
import { equal, match } from "../lib/testing/assert.ts";
import { smallData } from "../lib/jobs/testing.ts";

const project = fileURLToPath(new URL("..", import.meta.url)),
  folder = await smallData({ train: 12, dev: 4, test: 4 });
const readme = await Deno.readTextFile(`${project}/README.md`);
const section = readme.split("\n## ").find((part) => part.startsWith("Your own method\n"))!;
const block = (language: string) => new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(section)![1];
await Deno.writeTextFile(`${folder}/my_head.ts`, block("ts"));

async function deno(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const child = new Deno.Command(Deno.execPath(), { args, cwd: project, env: { NO_COLOR: "1" } });
  const { code, stdout, stderr } = await child.output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out, err };
}

/** Returns a command of the README with the test's data and module path. */
const typed = (line: string, ...more: string[]) =>
  deno(
    ...line.split("#")[0].trim().split(" ").slice(1).map((w) => w.replace("my_head.ts", `${folder}/$&`)),
    ...more,
  );

const small = [
  ...["--data", `${folder}/manifest.csv`, `--out=${folder}/outputs`, `--cache=${folder}/cache`],
  ...["--epochs=1", "--audio=log-mel"],
];

Deno.test("the README's head passes all checks, trains and appears in an ablation", async () => {
  const [check, train, ablate] = block("sh").trim().split("\n");
  const checked = await typed(check);
  equal(checked.code, 0, checked.out + checked.err);
  match(checked.out, /^my_head: 12 of 12 checks passed/m);
  const trained = await typed(train, ...small, "--no-controls", "--name=one");
  equal(trained.code, 0, trained.err);
  match(
    trained.out,
    /^Infer +\S.* task infer --checkpoint \S+\/outputs\/one --use \S+\/my_head\.ts --n-samples=3$/m,
  );
  const tabled = await typed(ablate, ...small, "--name=study");
  equal(tabled.code, 0, tabled.err);
  match(tabled.out, /^my_head .* ± /m);
});
