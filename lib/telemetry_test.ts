import { equal } from "./testing/assert.ts";
import { speechProbabilities } from "./data/audio/speech.ts";
import { openSession } from "./encoders/onnx_session.ts";
import { useEngine } from "./compute/mod.ts";
import { disableTelemetry } from "./telemetry.ts";

const VARIABLE = "ORT_DISABLE_TELEMETRY";

for (
  const [what, start] of Object.entries({
    "the engine": () => useEngine({ engine: "onnx" }),
    "an encoder's session": () => openSession("no such model").catch(() => {}),
    "voice activity": () => speechProbabilities(),
  })
) {
  Deno.test(`${what} turns ONNX Runtime's telemetry off before it starts`, async () => {
    Deno.env.delete(VARIABLE);
    await start();
    equal(Deno.env.get(VARIABLE), "1");
  });
}

Deno.test("a user's own value stays", () => {
  Deno.env.set(VARIABLE, "0");
  disableTelemetry();
  equal(Deno.env.get(VARIABLE), "0");
  Deno.env.set(VARIABLE, "1");
});
