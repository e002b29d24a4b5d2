import { deepEqual, equal, match, ok, throws } from "../../testing/assert.ts";
import { lackingGpu } from "./device.ts";
import { providerOptions } from "./runtime.ts";
import { silently } from "./silence.ts";

const fail = () => {
  throw new Error("failed");
};

Deno.test("ONNX Runtime gets the number of a CUDA device, and WebGPU's own option", () => {
  deepEqual(providerOptions("cuda", 1), { name: "cuda", deviceId: 1 });
  deepEqual(providerOptions("cuda"), { name: "cuda" });
  deepEqual(providerOptions("webgpu", 0), { name: "webgpu", preferredLayout: "NCHW" });
  deepEqual(providerOptions(), { name: "cpu" });
});

Deno.test("a GPU's number is held against the GPUs that are there", async () => {
  const cards = await Deno.makeTempDir({ prefix: "undertone" }),
    before = Deno.env.get("CUDA_VISIBLE_DEVICES");
  Deno.env.delete("CUDA_VISIBLE_DEVICES");
  const found = (gpu: number) => lackingGpu("cuda", gpu, cards)?.found;
  try {
    equal(found(0), "no NVIDIA GPU");
    await Deno.mkdir(`${cards}/0000:01:00.0`);
    equal(found(0), undefined);
    equal(found(1), "1 NVIDIA GPU");
    await Deno.mkdir(`${cards}/0000:02:00.0`);
    equal(found(1), undefined);
    match(lackingGpu("cuda", 2, cards)!.todo, /from 0 to 1/);
    equal(lackingGpu("cuda", 7, `${cards}/absent`), undefined); // then CUDA itself says
    Deno.env.set("CUDA_VISIBLE_DEVICES", "1");
    equal(found(1), "1 NVIDIA GPU"); // the visible GPUs are numbered from 0
  } finally {
    if (before === undefined) Deno.env.delete("CUDA_VISIBLE_DEVICES");
    else Deno.env.set("CUDA_VISIBLE_DEVICES", before);
    await Deno.remove(cards, { recursive: true });
  }
  equal(lackingGpu("webgpu", 0), undefined);
  match(lackingGpu("webgpu", 1)!.found, /chooses the GPU itself/);
});

Deno.test({
  name: "what native code writes to stderr is heard, and stderr works again afterwards",
  ignore: Deno.build.os !== "linux",
  fn() {
    const system = Deno.dlopen("libc.so.6", {
      write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
      dup: { parameters: ["i32"], result: "i32" },
    });
    const { symbols } = system;
    const write = (text: string) => symbols.write(2, new TextEncoder().encode(text), BigInt(text.length));
    const heard: string[] = [], before = symbols.dup(2);
    equal(silently(() => (write("from a driver\n"), 3), (text) => heard.push(text)), 3);
    throws(() => silently(() => (write("and fails"), fail()), (text) => heard.push(text)), /failed/);
    silently(() => {}, (text) => heard.push(text));
    deepEqual(heard, ["from a driver", "and fails", ""]);
    for (let i = 0; i < 100; i++) silently(() => {}, () => {});
    ok(symbols.dup(2) < before + 50, "descriptors are left open"); // other threads may open some
    system.close();
  },
});
