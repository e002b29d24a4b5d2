/** Checks the model of lib/pretrained: its size, its answers, and what its card says of it. */
import { clipPath, loadDataset, type Utterance } from "../data/mod.ts";
import { encodeDataset, type Sequence, speechEncoder, textEncoder } from "../encoders/mod.ts";
import { type RawTensor, readSafetensors } from "../files/mod.ts";
import { inProject } from "../paths.ts";
import { deepEqual, equal, ok } from "../testing/assert.ts";
import { testWith } from "../testing/needs.ts";
import { infer } from "./infer.ts";
import { isPretrained, PRETRAINED } from "./pretrained.ts";
import { checkpointPath } from "./run_folder.ts";

const path = checkpointPath(PRETRAINED);

Deno.test("the model that comes with the project is small, and names no path of its maker", async () => {
  ok((await Deno.stat(path)).size < 300_000);
  const { metadata } = await readSafetensors(path), config = JSON.parse(metadata.config);
  const paths = [config.data, config.out, config.cache];
  deepEqual(paths.filter((path) => /^(\/|[a-z]:|.*\.\.)/i.test(path)), []);
});

Deno.test("a run folder of the same name comes first", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/${PRETRAINED}`);
  deepEqual([isPretrained(PRETRAINED), isPretrained(`${folder}/${PRETRAINED}`)], [true, false]);
});

/** The tensors of the file as plain arrays. */
type Tensors = Readonly<Record<string, RawTensor>>;
const numbers = (tensors: Tensors, name: string): number[] => Array.from(tensors[name].data as Float32Array);

/** Pools a modality by hand: h = (state - mean) / std, α = softmax(w·h + b), p = Σ α h; 0 if it is absent. */
function pooledByHand(tensors: Tensors, modality: "text" | "audio", states?: Sequence): number[] {
  const [mean, std, weight] = [
    `standardizer.${modality}.mean`,
    `standardizer.${modality}.std`,
    `${modality}_pool.score.weight`,
  ].map((name) => numbers(tensors, name));
  if (!states) return mean.map(() => 0);
  const [bias] = numbers(tensors, `${modality}_pool.score.bias`), { data, length, width } = states;
  const rows = Array.from(
    { length },
    (_, i) => mean.map((m, j) => (data[i * width + j] - m) / std[j]),
  );
  const scores = rows.map((row) => row.reduce((sum, h, j) => sum + h * weight[j], bias));
  const most = Math.max(...scores), shares = scores.map((score) => Math.exp(score - most));
  const all = shares.reduce((sum, share) => sum + share);
  return mean.map((_, j) => rows.reduce((sum, row, i) => sum + row[j] * shares[i] / all, 0));
}

/** Returns the probabilities that attention pooling gives, computed with plain numbers. */
function byHand(tensors: Tensors, text?: Sequence, audio?: Sequence): number[] {
  const pooled = [...pooledByHand(tensors, "text", text), ...pooledByHand(tensors, "audio", audio)];
  const weight = numbers(tensors, "classifier.weight"), bias = numbers(tensors, "classifier.bias");
  const [rows] = tensors["classifier.weight"].shape, byInput = rows === pooled.length;
  const at = (i: number, c: number) => byInput ? weight[i * bias.length + c] : weight[c * pooled.length + i];
  const logits = bias.map((b, c) => pooled.reduce((sum, p, i) => sum + p * at(i, c), b));
  const most = Math.max(...logits), shares = logits.map((logit) => Math.exp(logit - most));
  const all = shares.reduce((sum, share) => sum + share);
  return shares.map((share) => share / all);
}

Deno.test("its answers for text, speech and both equal those computed by hand from the states", async () => {
  const sample = await loadDataset("sample"), { tensors } = await readSafetensors(path);
  const [first] = sample.rows, { text } = first, audio = clipPath(sample.root, first.audio!);
  const rows: Utterance[] = [{ text }, { audio }, { text, audio }].map((given, i) => ({
    id: `${i}`,
    split: "test",
    ...given,
  }));
  const features = await encodeDataset({ ...sample, rows: [{ ...first, audio }] }, {
    text: await textEncoder("use-lite"),
    audio: await speechEncoder("acoustic"),
  });
  const read = features.text!.get(first.id)!, heard = features.audio!.get(first.id)!;
  const { predictions, labels, notes } = await infer(PRETRAINED, { rows, root: "." });
  deepEqual(notes, []);
  for (const [i, expected] of [[read], [undefined, heard], [read, heard]].entries()) {
    const wanted = byHand(tensors, ...expected);
    const off = labels.map((label, c) => Math.abs(predictions[i].probabilities[label] - wanted[c]));
    ok(Math.max(...off) < 1e-5, `${off}`);
  }
});

testWith("time", "the card's accuracies on the embedded sample are those of the file", async () => {
  const card = await Deno.readTextFile(inProject("lib/pretrained/MODEL_CARD.md")),
    sample = await loadDataset("sample");
  const cacheDir = await Deno.makeTempDir();
  const without: [string, Partial<Utterance>][] = [
    ["words alone", { audio: undefined }],
    ["sound alone", { text: undefined }],
    ["both", {}],
  ];
  for (const [reads, lacking] of without) {
    const rows = sample.rows.map((row) => ({ ...row, ...lacking }));
    const { predictions } = await infer(PRETRAINED, { rows, root: sample.root }, { cacheDir });
    const right = predictions.filter(({ label, predicted }) => label === predicted).length;
    const [, told] = new RegExp(`\\| ${reads} +\\| 280 +\\| ([\\d.]+) `).exec(card) ?? [];
    equal(told, (100 * right / rows.length).toFixed(1), reads);
  }
});
