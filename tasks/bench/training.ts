/** Cases that train heads on cached hidden states: whole epochs of a corpus, and single steps. */
import { hostValuesSync } from "../../lib/compute/mod.ts";
import { disposeParams } from "../../lib/nn/mod.ts";
import { batchLengths, batchOrder, type Example } from "../../lib/data/mod.ts";
import type { Modality, Sequence } from "../../lib/encoders/mod.ts";
import { blueprint, fit, labelled, prepare } from "../../lib/jobs/mod.ts";
import {
  planFor,
  planRun,
  resolveMethod,
  type RunPlan,
  type TrainConfig,
  trainConfig,
} from "../../lib/config/mod.ts";
import {
  type Blueprint,
  type Classifier,
  newClassifier,
  scaleExamples,
  sizesFor,
} from "../../lib/model/mod.ts";
import type { Case, PytorchTensor, Settings, Sides } from "./case.ts";
import { firstLosses, nextEpoch } from "./epochs.ts";
import { frames, type Shape, syntheticExamples, tokens, upTo } from "./hidden_states.ts";

const METHODS = ["early_fusion", "attention_pooling", "fine_grained", "memocmt"];
const LABELS = ["neutral", "joy", "sadness", "anger", "surprise", "fear", "disgust"];
const BATCH = 32;

/** Number of first steps whose losses must be equal on both sides. */
const CHECKED = 5;

/** Options without dropout, for the comparison: the two sides draw different random numbers. */
const NO_DROPOUT = { dropout: 0, input_dropout: 0 };

/** Sizes at which steps are timed: the widths of two encoders, the longest rows, and the steps in a round. */
const STEP_SIZES = [
  { suffix: "", text: { width: 384, length: 32 }, audio: { width: 64, length: 100 }, count: 16 },
  { suffix: ":wide", text: { width: 768, length: 32 }, audio: { width: 768, length: 150 }, count: 4 },
];

/** The training data and configuration of a model. */
interface Material {
  examples: Example[];
  blueprint: Omit<Blueprint, "method" | "options">;
}

/**
 * A case that trains a head. A round is one pass over the data; its time is reported per pass or per step.
 */
function trainingCase(
  { id, summary, method, unit, material }: {
    id: string;
    summary: string;
    method: string;
    unit: "epoch" | "step";
    material: (settings: Settings, plan: RunPlan) => Material | Promise<Material>;
  },
): Case {
  return {
    id,
    summary,
    async prepare(settings): Promise<Sides> {
      const { data, text, audio, cache } = settings;
      const config = trainConfig.parse({
        data,
        text,
        audio,
        cache,
        method,
        batch_size: BATCH,
        schedule: "constant",
        warmup: 0,
        epochs: settings.rounds + 1, // the warm-up round is an epoch, too
      });
      const plan = planFor(planRun(config), "class"),
        { examples, blueprint } = await material(settings, plan);
      const model = (options: Record<string, unknown>) =>
        newClassifier({ ...blueprint, ...resolveMethod({ method, options }) });
      const start = (model: Classifier) => fit(model, { train: examples, dev: examples.slice(0, 1) }, plan);

      const exact = model(NO_DROPOUT), timed = model({}), run = start(timed);
      const scaled = scaleExamples(timed, examples);
      const lengths = batchLengths(scaled, sizesFor(timed, scaled));
      const orders = Array.from(
        { length: config.epochs },
        (_, epoch) =>
          batchOrder(lengths, { batchSize: BATCH, seed: config.seed, epoch }).map((rows) => [...rows]),
      );
      const steps = orders[0].length;
      const { lr, weight_decay, clip } = config, { options, sizes } = timed;
      return {
        unit: { name: unit, perRound: unit === "epoch" ? 1 : steps },
        check: () => firstLosses(start(exact), CHECKED),
        round: () => nextEpoch(run),
        pytorch: {
          module: "training",
          variants: ["AdamW", "AdamW fused"],
          spec: {
            method,
            options,
            exact: exact.options,
            sizes,
            lr,
            weight_decay,
            clip,
            orders,
            checked: CHECKED,
          },
          tensors: () => [
            ...Object.entries(exact.params).map(([name, variable]) => ({
              name: `param.${name}`,
              shape: variable.shape,
              parts: [hostValuesSync(variable).slice()],
            })),
            ...statesOf("text", scaled, timed),
            ...statesOf("audio", scaled, timed),
            {
              name: "labels",
              shape: [scaled.length],
              parts: [Int32Array.from(scaled, ({ target }) => target!.value as number)],
            },
          ],
        },
        close() {
          disposeParams(exact.params);
          disposeParams(timed.params);
        },
      };
    },
  };
}

/** The hidden states of one modality: each distinct sequence once, and the index of each row's sequence. */
function statesOf(modality: Modality, examples: readonly Example[], model: Classifier): PytorchTensor[] {
  const places = new Map<Sequence, number>();
  const index = Int32Array.from(examples, (example) => {
    const sequence = example[modality]!;
    if (!places.has(sequence)) places.set(sequence, places.size);
    return places.get(sequence)!;
  });
  const width = model.sizes[modality], longest = model.maxLength[modality];
  const lengths = Int32Array.from(places.keys(), ({ length }) => Math.min(length, longest));
  const parts = [...places.keys()].map(({ data }, i) =>
    data.subarray(0, lengths[i] * width) as Float32Array<ArrayBuffer>
  );
  const total = lengths.reduce((a, b) => a + b, 0);
  return [
    { name: `${modality}.states`, shape: [total, width], parts },
    { name: `${modality}.lengths`, shape: [lengths.length], parts: [lengths] },
    { name: `${modality}.index`, shape: [index.length], parts: [index] },
  ];
}

/** Returns random rows with MELD's lengths, or the rows of the user's data set. */
async function corpus(settings: Settings, plan: RunPlan): Promise<Material> {
  if (settings.data) {
    const prepared = await prepare(plan, { splits: ["train"] });
    return { examples: labelled(prepared.examples.train), blueprint: blueprint(prepared, plan) };
  }
  const text = { width: 512, lengths: tokens }, audio = { width: 96, lengths: frames };
  return synthetic(settings.rows, text, audio, plan.config);
}

/** Returns examples with random hidden states. */
function synthetic(rows: number, text: Shape, audio: Shape, { seed, ...config }: TrainConfig): Material {
  const encoder = ({ width }: Shape) => ({ id: "noise", fingerprint: "", width });
  return {
    examples: syntheticExamples({ rows, text, audio, classes: LABELS.length, seed }),
    blueprint: {
      labels: LABELS,
      encoders: { text: encoder(text), audio: encoder(audio) },
      maxLength: { text: config.max_text_length, audio: config.max_audio_length },
      seed,
    },
  };
}

const epochs = METHODS.map((method) =>
  trainingCase({
    id: `epoch:${method}`,
    summary: "An epoch over cached hidden states, 512 and 96 wide (or those of --data), batch 32.",
    method,
    unit: "epoch",
    material: corpus,
  })
);

const steps = STEP_SIZES.flatMap(({ suffix, text, audio, count }) =>
  METHODS.map((method) =>
    trainingCase({
      id: `step:${method}${suffix}`,
      summary: `A training step, batch 32, ${text.length} states ${text.width} wide and ` +
        `${audio.length} states ${audio.width} wide.`,
      method,
      unit: "step",
      material(_, { config }) {
        const shape = ({ width, length }: { width: number; length: number }) => ({
          width,
          lengths: upTo(length),
        });
        return synthetic(BATCH * count, shape(text), shape(audio), config);
      },
    })
  )
);

export const trainingCases: readonly Case[] = [...epochs, ...steps];
