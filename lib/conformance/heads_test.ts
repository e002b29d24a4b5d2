/**
 * Every built-in fusion method passes the conformance suite, with each option that changes its computation.
 */
import { fusionMethods } from "../fusion/mod.ts";
import { deepEqual, ok } from "../testing/assert.ts";
import { ENGINES } from "../compute/mod.ts";
import { underTest } from "../testing/engines.ts";
import { testWith } from "../testing/needs.ts";
import { checkFusionMethod, checksText } from "./mod.ts";

/** Small widths keep each suite at about a second. */
const SMALL: Record<string, Record<string, unknown>> = {
  gated_multimodal_unit: { width: 8 },
  fine_grained: { width: 8, heads: 2 },
  memocmt: { width: 6, heads: 2, hidden: 8 },
};

/** Options to test besides the defaults. */
const VARIANTS: Record<string, Record<string, unknown>[]> = {
  memocmt: [{ aggregation: "max" }, { aggregation: "mean" }, { aggregation: "cls" }],
  text_only: [{ pooling: "attention" }, { pooling: "mean_std", hidden: 5 }],
  audio_only: [{ pooling: "attention" }, { pooling: "mean_std", hidden: 5 }],
};

for (const engine of ENGINES) {
  for (const method of fusionMethods) {
    for (const variant of [{}, ...VARIANTS[method.id] ?? []]) {
      const name = [method.id, ...Object.values(variant)].join(" ");
      testWith(engine, `${name} on ${engine} passes the suite`, async () => {
        const options = { ...SMALL[method.id], ...variant };
        const checks = await checkFusionMethod(method, { options, engine: underTest(engine) });
        deepEqual(checks.filter(({ passed }) => !passed), [], checksText(checks));
        const { figure } = checks.find((check) => check.name === "capture")!;
        ok(/^after 2 calls; /.test(figure) || underTest(engine).device === "webgpu", figure);
      });
    }
  }
}
