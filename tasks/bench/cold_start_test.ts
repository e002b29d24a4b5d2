/** Tests of the cold-start cases. The comparison runs only if Python has PyTorch. */
import { deepEqual, equal, ok } from "../../lib/testing/assert.ts";
import { testWith } from "../../lib/testing/needs.ts";
import { testPython } from "../../lib/testing/python.ts";
import { useEngine } from "../../lib/compute/mod.ts";
import { frozenTextEncoder } from "../../lib/encoders/hf/mod.ts";
import { readFiles } from "../../lib/encoders/hf/files.ts";
import { textTokenizer, TOKENIZER_FILES } from "../../lib/encoders/hf/tokenizer.ts";
import { writeBert } from "./bert_folder.ts";
import { coldStartCases } from "./cold_start.ts";
import { MINILM } from "./encoder_models.ts";
import { measure } from "./measure.ts";
import { peakMemory } from "./memory.ts";
import { startPeer } from "./peer.ts";

const python = testPython();

Deno.test("the folder that both sides read has a model, and a tokenizer that knows the words", async () => {
  await useEngine({ threads: 1 });
  const folder = await Deno.makeTempDir({ prefix: "undertone" });
  const config = { ...MINILM, vocab_size: 120, hidden_size: 24, num_hidden_layers: 1, intermediate_size: 32 };
  await writeBert(folder, config, ["what", "day"]);
  const { encode, size } = textTokenizer(await readFiles(folder, TOKENIZER_FILES), folder);
  equal(size, 120);
  const { model: { vocab } } = JSON.parse(await Deno.readTextFile(`${folder}/tokenizer.json`));
  const pieces = ["[CLS]", "what", "a", "day", "##s", "!", "[SEP]"];
  deepEqual(encode("What a days!", 512), pieces.map((piece) => vocab[piece]));
  const frozen = await frozenTextEncoder(folder);
  const [{ length, width, data }] = await frozen.encode(["What a day!"]);
  deepEqual([length, width], [6, 24]);
  ok(data.every(Number.isFinite));
  await Deno.remove(folder, { recursive: true });
});

testWith("PyTorch", {
  name: "both sides start fresh processes and predict",
  async fn() {
    await useEngine({ threads: 1 });
    const settings = { rounds: 1, threads: 1, rows: 1, text: "none", audio: "none", cache: "" };
    const peer = await startPeer(python, { threads: 1 });
    for (const each of coldStartCases) {
      const measured = await measure(each, settings, {
        peer,
        memory: (id, sides) => peakMemory(id, settings, sides, python),
      });
      ok(measured.ratio! > 0 && measured.memory_ratio! > 0, JSON.stringify(measured));
      equal(measured.pytorch!.at(-1)!.variant, "torch alone");
    }
    await peer.end();
  },
});
