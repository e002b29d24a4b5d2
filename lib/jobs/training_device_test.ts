import type { EngineOptions } from "../compute/mod.ts";
import { trainConfig } from "../config/train.ts";
import { parseWith } from "../schema.ts";
import { deepEqual, equal, match, rejects } from "../testing/assert.ts";
import { chooseDevice, type DeviceWish, useTrainingEngine } from "./training_device.ts";

const wish = (changes: Partial<DeviceWish>): DeviceWish => ({
  ...{ device: "auto", engine: "onnx", trainsEncoder: true, gpu: "NVIDIA H100" },
  ...changes,
});

const choices: [string, Partial<DeviceWish>, device: string, note?: RegExp][] = [
  ["an encoder and a GPU", {}, "webgpu", /^trains on NVIDIA H100, because an encoder trains/],
  ["an encoder without a GPU", { gpu: undefined }, "auto"],
  ["a head beside a GPU", { trainsEncoder: false }, "auto"],
  ["the CPU by name", { device: "cpu" }, "cpu"],
  ["a GPU by name", { device: "cuda:1" }, "cuda:1"],
  ["another engine", { engine: "tensorflow" }, "auto"],
  ["a run of the CPU that goes on beside a GPU", { before: "cpu" }, "auto"],
  ["a run of the GPU", { before: "webgpu" }, "webgpu", /^trains on NVIDIA H100 again/],
  [
    "a run of the GPU without one",
    { before: "webgpu", gpu: undefined },
    "cpu",
    /none is here: goes on on the CPU/,
  ],
];
for (const [what, changes, device, note] of choices) {
  Deno.test(`the device of ${what} is ${device}`, () => {
    const chosen = chooseDevice(wish(changes));
    equal(chosen.device, device);
    if (note) match(chosen.note!, note);
    else equal(chosen.note, undefined);
  });
}

const config = (changes = {}) => parseWith(trainConfig, { threads: 2, ...changes }, "the test");

Deno.test("a GPU is looked for only if the answer matters", async () => {
  let looks = 0;
  const used: EngineOptions[] = [];
  const means = {
    find: () => (looks++, Promise.resolve("GPU")),
    use: (options: EngineOptions) => (used.push(options), Promise.resolve()),
  };
  deepEqual(await useTrainingEngine(config(), undefined, means), []);
  deepEqual(await useTrainingEngine(config({ train: ["text"], device: "cpu" }), undefined, means), []);
  equal(looks, 0);
  equal((await useTrainingEngine(config({ train: ["text", "head"] }), undefined, means)).length, 1);
  equal((await useTrainingEngine(config(), "webgpu", means)).length, 1);
  equal(looks, 2);
  deepEqual(used.map(({ device, threads }) => `${device} ${threads}`), [
    "auto 2",
    "cpu 2",
    "webgpu 2",
    "webgpu 2",
  ]);
});

Deno.test("a GPU that fails leaves the CPU, with the reason; a device by name is refused", async () => {
  const used: unknown[] = [];
  const means = {
    find: () => Promise.resolve("GPU"),
    use({ device }: EngineOptions) {
      used.push(device);
      return device === "webgpu" ? Promise.reject(new Error("Expected a driver.")) : Promise.resolve();
    },
  };
  const notes = await useTrainingEngine(config({ train: ["text"] }), undefined, means);
  deepEqual(notes, ["GPU is there but can't be used, so the CPU trains. Expected a driver."]);
  deepEqual(used, ["webgpu", "cpu"]);
  await rejects(
    useTrainingEngine(config({ train: ["text"], device: "webgpu" }), undefined, means),
    /a driver/,
  );
});
