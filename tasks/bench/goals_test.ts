import { equal } from "../../lib/testing/assert.ts";
import { goalText } from "./goals.ts";
import type { Measured } from "./measure.ts";

const row = (id: string, ratios: number[], memory?: number) =>
  ({ case: id, pytorch: ratios.map((ratio) => ({ ratio })), memory_ratio: memory }) as unknown as Measured;

Deno.test("a case counts by PyTorch's fastest variant; what is missed is named", () => {
  equal(
    goalText([row("a", [2, 1.1], 0.5), row("b", [1.2, 1.3], 1.01)]),
    "Goals. Time of PyTorch's fastest variant at least 1.2 times ours: reached by 1 of 2, not by a (1.10). " +
      "Peak memory at most PyTorch's: reached by 1 of 2, not by b (1.01).",
  );
  equal(
    goalText([row("a", [1.2])]),
    "Goals. Time of PyTorch's fastest variant at least 1.2 times ours: reached by all of 1.",
  );
  equal(goalText([{ ...row("a", []), pytorch: undefined }]), undefined);
});
