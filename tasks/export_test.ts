import { equal, match } from "../lib/testing/assert.ts";
import { collect, smallConfig, smallData } from "../lib/jobs/testing.ts";
import { trainRun } from "../lib/jobs/mod.ts";
import { captured } from "./cli/testing.ts";
import { task } from "./export.ts";

const data = await smallData({ train: 8, dev: 4, test: 4 });
await collect(trainRun(smallConfig(data, { name: "run", epochs: 1 }), { controls: false }));
const run = (...args: string[]) => captured(task, "--checkpoint", `${data}/outputs/run`, ...args);

Deno.test("export reports the inputs, the encoders outside the file and the largest difference; stdout is JSON", async () => {
  const { code, out, err } = await run(`--to=${data}/model.onnx`, "--json");
  equal(code, 0);
  const told = err.join("\n");
  match(told, /^.*model\.onnx {2}0\.\d MB, attention_pooling, surprise, /m);
  match(told, /^ {2}text_states float32\[batch, text_length, 512\] +Hidden states of the text encoder/m);
  match(
    told,
    /^note: the speech encoder acoustic can't be in the file; pass its hidden states as an input$/m,
  );
  match(
    told,
    /^Compared with the model in 14 answers on 4 utterances .*: no probability differs by more than \d\.\de-\d+$/m,
  );
  equal(JSON.parse(out.join("\n")).files.model, `${data}/model.onnx`);
});

Deno.test("a mistake gives one sentence and exit code 2", async () => {
  const taken = await run(`--to=${data}/manifest.onnx/model.txt`);
  equal(taken.code, 2);
  match(taken.err.join("\n"), /^Expected the path of a file that ends in \.onnx .*--to model\.onnx\.$/);
  const nothing = await captured(task, "--to=x.onnx");
  equal(nothing.code, 2);
  match(nothing.err.join("\n"), /--checkpoint/);
  equal(nothing.err.length, 1);
});
