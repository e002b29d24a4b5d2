/** Logits of checkpoints with their own heads equal transformers'. */
import { useEngine } from "../../compute/mod.ts";
import { disposeParams } from "../../nn/mod.ts";
import { encodeSafetensors, readSafetensors } from "../../files/safetensors.ts";
import { deepEqual, equal, ok, rejects } from "../../testing/assert.ts";
import { classifierFolder } from "../../testing/classifier_folder.ts";
import { fixture } from "../../testing/shared.ts";
import type { Sequence } from "../encoder.ts";
import { encodeRows } from "../encode_rows.ts";
import { paramsFrom } from "../params.ts";
import { readHeadModel } from "./head_model.ts";

const TEXT = ["tiny-bert", "tiny-roberta", "tiny-xlm-roberta", "tiny-camembert", "tiny-distilbert"];
const SPEECH = ["tiny-wav2vec2", "tiny-wav2vec2-stable", "tiny-hubert", "tiny-wavlm"];

await useEngine();

/** The hidden states of the fixture's inputs. */
async function statesOf(name: string, model: Awaited<ReturnType<typeof readHeadModel>>): Promise<Sequence[]> {
  const { tensors } = await readSafetensors(fixture(`encoders/${name}/expected.safetensors`));
  if (model.modality === "audio") {
    const { data, shape: [, width] } = tensors["input.input_values"];
    const samples = [640, 500, 333].map((length, row) => data.slice(row * width, row * width + length));
    return await model.encoder.encode(samples as never);
  }
  const { data, shape: [, width] } = tensors["input.input_ids"];
  const ids = [9, 6, 3].map((length, row) => data.subarray(row * width, row * width + length));
  const network = model.encoder.network!, params = paramsFrom(network.weights);
  const states = await encodeRows({ ...network, params }, ids);
  disposeParams(params);
  return states;
}

for (const name of [...TEXT, ...SPEECH]) {
  Deno.test(`logits of ${name} with a head equal transformers'`, async () => {
    const folder = await classifierFolder(name), model = await readHeadModel(folder, `hf:${folder}`);
    deepEqual([...model.labels], ["LABEL_0", "LABEL_1", "LABEL_2", "LABEL_3"]);
    const { tensors } = await readSafetensors(fixture(`encoders/classifiers/${name}/expected.safetensors`));
    const states = await statesOf(name, model), found = states.flatMap((each) => [...model.logits(each)]);
    equal(found.length, 12);
    found.forEach((x, i) =>
      ok(Math.abs(x - tensors.logits.data[i]) < 1e-5, `${x} ${tensors.logits.data[i]}`)
    );
    model.encoder.release?.();
    await Deno.remove(folder, { recursive: true });
  });
}

const refused: [changes: Record<string, unknown>, found: RegExp][] = [
  [{ architectures: ["BertModel"] }, /a classification head .* 'BertModel' .*--text hf:<folder>/],
  [{ architectures: undefined }, /no architectures/],
  [{ problem_type: "multi_label_classification" }, /one of several classes/],
  [{ id2label: { 0: "a" } }, /at least two classes/],
  [{ id2label: { 0: "a", 2: "b" } }, /numbered from 0/],
  [{ id2label: { 0: "a", 1: "A" } }, /each with its own name/],
  [{ id2label: { 0: "a", 1: "b" } }, /'classifier.weight' of shape \[4,24\], not \[2,24\]/],
  [{ id2label: undefined, num_labels: 1e9 }, /num_labels/],
  [{ model_type: "t5" }, /architectures bert, .*wavlm.* but found model_type 't5'/],
];
for (const [changes, found] of refused) {
  Deno.test(`a head with ${JSON.stringify(changes)} is refused`, async () => {
    const folder = await classifierFolder("tiny-bert", changes);
    await rejects(readHeadModel(folder, "hf:x"), found);
    await Deno.remove(folder, { recursive: true });
  });
}

Deno.test("a folder whose head is missing is refused", async () => {
  const folder = await classifierFolder("tiny-bert"), path = `${folder}/model.safetensors`;
  const { tensors: { "classifier.weight": _, ...rest } } = await readSafetensors(path);
  await Deno.writeFile(path, encodeSafetensors(rest));
  await rejects(readHeadModel(folder, "hf:x"), /no 'classifier.weight'/);
  await Deno.remove(folder, { recursive: true });
});
