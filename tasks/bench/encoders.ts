/** The cases on encoders: fine-tuning steps and forward passes. */
import type { Case } from "./case.ts";
import { BERT_BASE, MINILM, speech, text, WAV2VEC2_BASE } from "./encoder_models.ts";
import { finetune } from "./finetune.ts";
import { forward } from "./forward.ts";

const minilm = (length: number) =>
  finetune(
    `finetune:minilm:${length}`,
    `A fine-tuning step of MiniLM-L6's size, batch 16, up to ${length} tokens.`,
    {
      kind: text,
      config: MINILM,
      batches: 4,
      rows: 16,
      length,
    },
  );

const bert = { kind: text, config: BERT_BASE, length: 48 };
const wav2vec2 = { kind: speech, config: WAV2VEC2_BASE, length: 3 * 16000 };

export const encoderCases: readonly Case[] = [
  minilm(32),
  minilm(64),
  finetune("finetune:bert-base", "A fine-tuning step of BERT base's size, batch 4, up to 48 tokens.", {
    ...bert,
    batches: 3,
    rows: 4,
  }),
  finetune(
    "finetune:wav2vec2-base",
    "A fine-tuning step of wav2vec2 base's size, batch 4 of 3 s. Its frozen convolutions are computed " +
      "once, before it; PyTorch computes them in each step.",
    { ...wav2vec2, batches: 3, rows: 4, frozen: ["feature_extractor"] },
  ),
  forward("forward:bert-base", "A forward pass of BERT base's size, 16 texts of up to 48 tokens.", {
    ...bert,
    batches: 1,
    rows: 16,
  }),
  forward("forward:wav2vec2-base", "A forward pass of wav2vec2 base's size, 8 clips of 3 s.", {
    ...wav2vec2,
    batches: 1,
    rows: 8,
  }),
  forward(
    "forward:bert-base:q8",
    "The forward pass of BERT base's size with 8-bit weights, beside PyTorch's float32.",
    { ...bert, batches: 1, rows: 16 },
    { eight: true },
  ),
  forward(
    "forward:wav2vec2-base:q8",
    "The forward pass of wav2vec2 base's size with 8-bit weights, beside PyTorch's float32.",
    { ...wav2vec2, batches: 1, rows: 8 },
    { eight: true },
  ),
];
