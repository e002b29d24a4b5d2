/** A head with exactly one fault fails only the check for that fault, with a clear sentence. */
import { join } from "node:path";
import { pathToFileURL as toFileUrl } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { currentEngine, useEngine } from "../compute/mod.ts";
import { type FusionMethod, fusionMethod } from "../fusion/mod.ts";
import { dropout, linearInit, linearLayer, maskedMean } from "../nn/mod.ts";
import { deepEqual, equal, match, ok, rejects } from "../testing/assert.ts";
import { checkFusionMethod, checksText } from "./mod.ts";

type Apply = FusionMethod["apply"];

/** Pools the mean of both modalities, applies a hidden layer, then `shape`, then a classifier. */
const meanHead = (shape: (x: tf.Tensor2D) => tf.Tensor2D): Apply => (params, input, _, context) => {
  const means = [maskedMean(input.text, input.textMask), maskedMean(input.audio, input.audioMask)];
  const hidden = linearLayer(params, "hidden", tf.concat(means, 1) as tf.Tensor2D);
  return { logits: linearLayer(params, "classifier", dropout(shape(hidden), 0.1, context)) };
};

/** A head without faults. */
const sound: FusionMethod = {
  id: "sound",
  summary: "Mean states through a hidden layer.",
  modalities: ["text", "audio"],
  options: z.strictObject({}),
  init: (_, { text, audio, classes }, seed) => ({
    ...linearInit(seed, "hidden", text + audio, 16),
    ...linearInit(seed, "classifier", 16, classes),
  }),
  apply: meanHead(tf.tanh),
};

const kept: tf.Tensor[] = [];

/** For each fault: the changed head, the only check that may fail, and its message. */
const FAULTS: Record<string, [Partial<FusionMethod>, check: string, why: RegExp]> = {
  "a parameter with a name of an encoder's": [
    {
      init: (_, { text, audio, classes }, seed) => ({
        ...linearInit(seed, "text.hidden", text + audio, 16),
        ...linearInit(seed, "classifier", 16, classes),
      }),
      apply: (params, input) => {
        const means = [maskedMean(input.text, input.textMask), maskedMean(input.audio, input.audioMask)];
        const hidden = tf.tanh(linearLayer(params, "text.hidden", tf.concat(means, 1) as tf.Tensor2D));
        return { logits: linearLayer(params, "classifier", hidden as tf.Tensor2D) };
      },
    },
    "output",
    /^init returns the parameter 'text\.hidden\.weight', whose name starts with a prefix reserved .* \('text\.', 'audio\.', .*\)\.$/,
  ],

  "a mean over padding": [
    {
      apply: (params, { text, audio }) => {
        const means = tf.concat([tf.mean(text, 1), tf.mean(audio, 1)], 1) as tf.Tensor2D;
        return { logits: linearLayer(params, "classifier", tf.tanh(linearLayer(params, "hidden", means))) };
      },
    },
    "padding",
    /^With other values in the padding, a row .* gets a different answer: .* masked operations of nn\.$/,
  ],

  "a norm across the rows": [
    {
      apply: meanHead((x) => {
        const { mean, variance } = tf.moments(x, 0, true);
        return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 0.1)));
      }),
    },
    "batch and order",
    /^A row alone gets a different answer than in a batch: .* batch norm\.$/,
  ],

  "a position in the batch": [
    {
      apply: meanHead((x) => {
        const places = tf.reshape(tf.range(0, x.shape[0]), [-1, 1]);
        const since = tf.sub(places, tf.min(places)); // a single row is the first
        return tf.add(x, tf.mul(since, x.shape[0] > 1 ? 0.1 : 0));
      }),
    },
    "batch and order",
    /^A row /,
  ],

  "a mean of no positions": [
    {
      apply: (params, { text, textMask, audio, audioMask }) => {
        const mean = (x: tf.Tensor3D, mask: tf.Tensor2D) =>
          tf.div(tf.sum(tf.mul(x, tf.expandDims(mask, 2)), 1), tf.sum(mask, 1, true));
        const means = tf.concat([mean(text, textMask), mean(audio, audioMask)], 1) as tf.Tensor2D;
        return { logits: linearLayer(params, "classifier", tf.tanh(linearLayer(params, "hidden", means))) };
      },
    },
    "missing modality",
    /^With a row without speech, the logits contain NaN: something divides by /,
  ],

  "an exponential without a bound": [
    {
      apply: meanHead((x) => tf.log(tf.add(tf.exp(x), 1))),
    },
    "extreme inputs",
    /^With states 10,000 times as large, the logits contain NaN: look for an unbounded exp, /,
  ],

  "a tensor kept": [
    {
      apply: meanHead((x) => {
        kept.push(tf.keep(tf.neg(x)));
        return tf.tanh(x);
      }),
    },
    "leaks",
    /^apply leaves tensors behind that nobody disposes: leave out tf\.keep /,
  ],

  "a tensor left by init": [
    {
      init: (options, sizes, seed) => {
        kept.push(tf.ones([3]));
        return sound.init(options, sizes, seed);
      },
    },
    "leaks",
    /^init leaves tensors behind that nobody disposes: wrap what it computes in tf\.tidy\.$/,
  ],

  "init by Math.random": [
    {
      init: (options, sizes) => sound.init(options, sizes, Math.floor(1e9 * Math.random())),
    },
    "seed",
    /^hidden\.weight differs between two inits with the same seed: .* Math\.random\.$/,
  ],

  "a seed ignored": [
    {
      init: (options, sizes) => sound.init(options, sizes, 7),
    },
    "seed",
    /^hidden\.weight is the same with seed 1 and seed 2: init must use the seed that it gets\.$/,
  ],

  "noise by Math.random": [
    {
      apply: (params, input, options, context) => {
        const { logits } = sound.apply(params, input, options, context);
        if (!context.training) return { logits };
        return { logits: tf.mul(logits, 0.9 + 0.2 * Math.random()) as tf.Tensor2D };
      },
    },
    "dropout",
    /^Two passes in training with the same dropout keys differ: .* not from Math\.random\.$/,
  ],

  "an operation without a gradient": [
    {
      apply: meanHead((x) => tf.round(tf.mul(x, 4)) as tf.Tensor2D),
    },
    "gradients",
    /^The logits depend on hidden\.weight, yet its gradient is 0: .* such as round, /,
  ],

  "an operation whose gradient is unknown": [
    {
      apply: meanHead((x) => tf.atan(x)),
    },
    "",
    /^Atan has no gradient here: use another operation, or give it one with tf\.customGrad\.$/,
  ],

  "a wrong gradient": [
    {
      apply: meanHead((x) =>
        tf.customGrad((...args) => {
          const [given] = args as tf.Tensor2D[];
          return { value: tf.tanh(given), gradFunc: (dy: tf.Tensor) => tf.mul(dy, 0.9) };
        })(x) as tf.Tensor2D
      ),
    },
    "gradients",
    /^The gradient for .* differs from finite differences: /,
  ],

  "a kernel without an operator": [
    {
      apply: meanHead((x) =>
        tf.customGrad((...args) => {
          const [given, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
          save([given]);
          const gradFunc = (dy: tf.Tensor, [x]: tf.Tensor[]) => tf.div(dy, tf.add(tf.square(x), 1));
          return { value: tf.atan(given), gradFunc };
        })(x) as tf.Tensor2D
      ),
    },
    "kernels",
    /^Atan has no ONNX operator here: .* can't be exported\. Compose it from other operations\.$/,
  ],

  "a head that can't learn": [
    {
      apply: (params, input, options, context) => {
        const { logits } = sound.apply(params, input, options, context);
        return { logits: tf.mul(logits, 1e-4) as tf.Tensor2D };
      },
    },
    "training",
    /the loss must fall below 0\.7 of the first/,
  ],
};

Deno.test("a head without faults passes, and the report has one line per check", async () => {
  const checks = await checkFusionMethod(sound);
  deepEqual(checks.filter(({ passed }) => !passed), []);
  const lines = checksText(checks).split("\n");
  equal(lines.length, checks.length);
  match(lines[1], /^✓ gradients +\d\.\de-\d off at most \(bound 1\.0e-3\)$/);
});

for (const [fault, [changes, check, why]] of Object.entries(FAULTS)) {
  Deno.test(`${fault} fails ${check || "with the error that was thrown"}`, async () => {
    const checks = await checkFusionMethod({ ...sound, ...changes });
    tf.dispose(kept.splice(0));
    const failed = checks.filter(({ passed }) => !passed);
    if (check) deepEqual(failed.map(({ name }) => name), [check], checksText(checks));
    ok(failed.length > 0);
    match(failed[0].why, why);
  });
}

Deno.test("a check reports an error that the head throws, and the next check still runs", async () => {
  const checks = await checkFusionMethod({
    ...sound,
    apply() {
      throw new Error("not today\nat all");
    },
  });
  const [{ passed, figure, why }, ...others] = checks;
  deepEqual({ passed, figure, why }, { passed: false, figure: "it threw an error", why: "not today" });
  equal(others.find(({ name }) => name === "padding")!.why, "The same as in output.");
  deepEqual(checks.filter((check) => check.passed).map(({ name }) => name), ["seed"]);
});

Deno.test("an error of a head in a file of its own is told with its line", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "my head.ts");
    await Deno.writeTextFile(
      path,
      "export function apply(params: any) {\n  return params.nothing.shape;\n}\n",
    );
    const { apply } = await import(toFileUrl(path).href);
    const [{ why }] = await checkFusionMethod({ ...sound, apply });
    match(why, /reading 'shape'\) \(my head\.ts:2:25\)$/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a classifier of another width fails the check of the outputs", async () => {
  const [{ name, why }] = await checkFusionMethod({
    ...sound,
    init: (_, { text, audio, classes }, seed) => ({
      ...linearInit(seed, "hidden", (text + audio) / 2, 16),
      ...linearInit(seed, "classifier", 16, classes),
    }),
  });
  equal(name, "output");
  match(why, /^Expected states of width 10 but found width 20 at the layer 'hidden'\./);
});

Deno.test("wrong logit shapes and parameters that are not variables are reported", async () => {
  const told = async (changes: Partial<FusionMethod>) =>
    (await checkFusionMethod({ ...sound, ...changes })).find(({ name }) => name === "output")!.why;
  match(
    await told({
      apply: (params, input, options, context) => ({
        logits: tf.transpose(sound.apply(params, input, options, context).logits) as tf.Tensor2D,
      }),
    }),
    /^The logits of 1 row and 2 classes are float32 \[2,1\], not float32 \[1,2\]\.$/,
  );
  match(
    await told({ init: () => ({ w: tf.ones([2]) as tf.Variable }) }),
    /^init returns w, which is not a variable: use tf\.variable\.$/,
  );
});

Deno.test("the engine in use stays; options of another method are refused", async () => {
  await useEngine({ engine: "cpu" });
  await checkFusionMethod(sound);
  equal(currentEngine().name, "cpu");
  await rejects(
    checkFusionMethod(fusionMethod("early_fusion"), { options: { rank: 3 } }),
    /found 'rank' at the options of early_fusion/,
  );
});
