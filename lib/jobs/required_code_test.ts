import { join } from "node:path";
import { fusionMethod, registerFusionMethod } from "../fusion/mod.ts";
import type { Checkpoint } from "../train/mod.ts";
import { deepEqual, match, rejects } from "../testing/assert.ts";
import { requireCode } from "./required_code.ts";
import { smallConfig } from "./testing.ts";
import { useModules } from "./user_modules.ts";

const config = smallConfig("nowhere");

/** A checkpoint with only the fields that its code needs. */
const trainedWith = (about: Partial<Checkpoint["about"]>): Checkpoint => ({
  about: {
    config: { ...config },
    labels: ["a", "b"],
    encoders: { text: { id: "use-lite", fingerprint: "0", width: 2 } },
    method: "attention_pooling",
    options: {},
    sizes: { text: 2, audio: 1, classes: 2 },
    seed: 1,
    ...about,
  },
  params: {},
  extras: {},
});

const folder = await Deno.makeTempDir(), at = join(folder, "run/checkpoints/best.safetensors");
const registryModule = new URL("../registry.ts", import.meta.url).href;
const write = async (name: string, id: string) => {
  const path = join(folder, name), add = `registry("a thing").add({ id: "${id}" });`;
  await Deno.mkdir(join(path, ".."), { recursive: true });
  await Deno.writeTextFile(path, `import { registry } from "${registryModule}";\n${add}\n`);
  return path;
};
const module = { path: join(folder, "mine.ts"), sha256: "0".repeat(64) };

Deno.test("names that a notebook's cell registered must be registered first", async () => {
  const ghost = trainedWith({ method: "ghost" });
  await rejects(
    requireCode(ghost, config, at),
    /^UndertoneError: Expected the fusion method 'ghost' but found nothing registered by that name at .*best\.safetensors\. Register it first, in a notebook cell/,
  );
  registerFusionMethod({ ...fusionMethod("text_only"), id: "ghost" });
  deepEqual(await requireCode(ghost, config, at), []);
  const own = { id: "log-mel+whispers", fingerprint: "0", width: 2 };
  const heard = trainedWith({ encoders: { audio: own } });
  await rejects(requireCode(heard, config, at), /Expected the speech encoder 'whispers' but/);
  deepEqual(await requireCode(heard, config, at, { modalities: ["text"] }), [], "speech is not read");
  const taught = { ...config, loss: "regret", select: "calm" };
  deepEqual(await requireCode(trainedWith({}), taught, at), [], "only training needs them");
  await rejects(
    requireCode(trainedWith({}), taught, at, { training: true }),
    /Expected the loss 'regret' and the metric 'calm' but/,
  );
  deepEqual(await requireCode(trainedWith({}), { ...config, select: "loss" }, at, { training: true }), []);
});

Deno.test("an unneeded module is noted if it may have metrics, and required to resume", async () => {
  const checkpoint = trainedWith({ modules: [module] });
  deepEqual(await requireCode(checkpoint, config, at), []);
  const [note] = await requireCode(checkpoint, config, at, { metrics: true });
  match(note, /^Trained with .*mine\.ts \(SHA-256 0{64}\), which is not loaded here\.$/);
  await rejects(
    requireCode(checkpoint, config, at, { training: true }),
    /Expected .*mine\.ts \(SHA-256 0{64}\), to resume to the same bytes, but found nothing/,
  );
});

Deno.test("the message names a copy with the right hash, else the module itself, else asks for it", async () => {
  const [{ path, sha256 }] = await useModules([await write("other/mine.ts", "one")]);
  const needed = { path: await write("here/yours.ts", "two"), sha256: "1".repeat(64) };
  const missing = () => requireCode(trainedWith({ method: "nobody's", modules: [needed] }), config, at);
  await write("run/modules/1/yours.ts", "three");
  await rejects(
    missing(),
    /then find .*yours\.ts \(SHA-256 1{64}\) and name it with --use: the run's copy and/,
  );
  const twin = trainedWith({ modules: [{ path, sha256: needed.sha256 }] });
  match(
    (await requireCode(twin, config, at))[0],
    /other\/mine\.ts is another version \([0-9a-f]{64}\), so answers/,
  );
  const same = trainedWith({ modules: [{ path: "moved/mine.ts", sha256 }] });
  deepEqual(await requireCode(same, config, at, { training: true }), [], "the hash counts, not the path");
});
