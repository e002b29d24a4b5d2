import { deepEqual, equal, match, ok } from "../../lib/testing/assert.ts";
import { fakeHub } from "../../lib/hub/testing.ts";
import { takingUploads } from "../../lib/hub/push/testing.ts";
import { infer, trainRun } from "../../lib/jobs/mod.ts";
import { collect, smallConfig, smallData } from "../../lib/jobs/testing.ts";
import { captured } from "../cli/testing.ts";
import { task } from "../models.ts";

const TOKEN = "hf_secretsecretsecret";

Deno.test("a run is shown, asked for, pushed without its rows, and answers alike once it is added", async () => {
  const data = await smallData({ train: 10, dev: 4, test: 4 }), run = `${data}/outputs/first`;
  const config = smallConfig(data, { name: "first", method: "text_only", epochs: 1, audio: "none" });
  await collect(trainRun(config, { controls: false }));
  await using fake = fakeHub({});
  const uploads = takingUploads(fake), args = ["push", run, "--to=some/model"];
  const before = Deno.env.get("HF_TOKEN");
  Deno.env.set("HF_ENDPOINT", fake.hub.endpoint);
  Deno.env.set("HF_TOKEN", TOKEN);
  try {
    const dry = await captured(task, ...args, "--dry-run");
    equal(dry.code, 0);
    deepEqual(dry.out, ["Nothing was sent: this was a dry run."]);
    deepEqual(fake.asked, []);
    const shown = dry.err.join("\n");
    match(shown, /^To http.*\/some\/model\. A new model is private: its owner alone sees it\./);
    match(shown, /README\.md .*\n +config\.json .*\n +checkpoints\/best\.safetensors /);
    match(shown, /^Not sent: .*predictions\.dev\.csv, rows\.json, \d+ figures and pages$/m);
    match(shown, /note: The card has no results on test\.\nnote: The card names no licence\./);

    const { fetch } = globalThis;
    globalThis.fetch = () =>
      Promise.reject(new Deno.errors.NotCapable('Requires net access to "hub.invalid"'));
    const barred = await captured(task, ...args, "--public", "--yes").finally(() => globalThis.fetch = fetch);
    ok(barred.err.at(-1)!.includes(` tasks/models.ts push ${run} --to=some/model --public --yes`));

    const silent = await captured(task, ...args); // tests have no terminal
    equal(silent.code, 2);
    match(
      silent.err.at(-1)!,
      /no terminal that could give it .*Nothing was sent\. Answer y, or add --yes\.$/,
    );
    equal(uploads.model, undefined);
    const noExport = await captured(task, ...args, "--yes", "--onnx");
    match(noExport.err.at(-1)!, /an ONNX export in the run but found none .*deno task export --checkpoint=/);

    const sent = await captured(task, ...args, "--yes");
    equal(sent.code, 0);
    match(sent.out[0], /^Sent 3 files, .* http.*\/some\/model$/);
    for (const line of [...dry.err, ...silent.err, ...sent.err, ...sent.out]) ok(!line.includes(TOKEN));
    deepEqual(uploads.commits, ["Undertone run first"]);
    deepEqual(Object.keys(fake.files).sort(), ["README.md", "checkpoints/best.safetensors", "config.json"]);
    deepEqual(fake.files["README.md"], await Deno.readFile(`${run}/MODEL_CARD.md`));

    const folder = `${data}/fetched`, added = await captured(task, "add", "some/model", `--folder=${folder}`);
    equal(added.code, 0);
    match(added.out.at(-1)!, /^Use it .* task infer --checkpoint .*fetched --text/);
    match((await captured(task, "check", folder)).out[0], /^some\/model +undertone +b{12}/);
    const rows = { rows: [{ id: "mine", split: "test" as const, text: "You did what?" }], root: "." };
    const [{ predictions: theirs }, { predictions: ours }] = [
      await infer(folder, rows),
      await infer(run, rows),
    ];
    deepEqual(theirs, ours);
  } finally {
    Deno.env.delete("HF_ENDPOINT");
    if (before === undefined) Deno.env.delete("HF_TOKEN");
    else Deno.env.set("HF_TOKEN", before);
    await Deno.remove(data, { recursive: true });
  }
});

Deno.test("a push names one run and an owner's model", async () => {
  for (
    const [args, sentence] of [
      [["push"], /Expected one run but found nothing at deno task models push/],
      [["push", "x"], /an owner and a name, such as jane\/emotions but found nothing at --to/],
      [["push", "x", "--to=model"], /found 'model' at --to/],
      [["push", "no-such-run", "--to=a/b"], /the folder of a run but found nothing/],
    ] as [string[], RegExp][]
  ) {
    const { code, err } = await captured(task, ...args);
    equal(code, 2);
    match(err.at(-1)!, sentence);
  }
});
