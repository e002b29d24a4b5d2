import { ok } from "../testing/assert.ts";
import { collectGarbage } from "./garbage.ts";

Deno.test("arrays that nothing holds are freed at once", () => {
  const bytes = 2 ** 26, external = () => Deno.memoryUsage().external;
  let held: Float32Array | undefined = new Float32Array(bytes / 4);
  const before = external();
  collectGarbage();
  ok(held.length && before - external() < bytes / 2, "an array that is held was freed");
  held = undefined;
  collectGarbage();
  ok(before - external() > bytes / 2, "the array was kept");
});
