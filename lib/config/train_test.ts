import { equal, throws } from "../testing/assert.ts";
import { parseWith } from "../schema.ts";
import type { z } from "zod";
import type { AblateConfig, ablateConfig } from "./ablation.ts";
import type { CrossConfig, crossConfig } from "./cross.ts";
import { type TrainConfig, trainConfig } from "./train.ts";

Deno.test("every option has a description, and a default or may be absent", () => {
  const config = parseWith(trainConfig, {}, "nothing");
  equal(config.method, "attention_pooling");
  for (const [key, field] of Object.entries(trainConfig.shape)) equal(Boolean(field.description), true, key);
});

/** True if two types have the same keys, each of the same type and optional in both or in neither. */
type Same<A, B> = [A, B, Required<A>, Required<B>] extends [B, A, Required<B>, Required<A>] ? true : never;

Deno.test("the documented types of configurations match their schemas", () => {
  const train: Same<TrainConfig, z.output<typeof trainConfig>> = true;
  const ablate: Same<AblateConfig, z.output<typeof ablateConfig>> = true;
  const cross: Same<CrossConfig, z.output<typeof crossConfig>> = true;
  equal(train && ablate && cross, true);
});

Deno.test("more threads than any machine has are refused", () => {
  throws(
    () => parseWith(trainConfig, { threads: 1e6 }, "x"),
    /Expected at most 1024 but found 1000000 at threads/,
  );
});
