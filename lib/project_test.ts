import { equal, ok, throws } from "./testing/assert.ts";
import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { configure, configureAblation, inProject } from "./project.ts";

Deno.test("runs and cache lie in the project's outputs, wherever one works, unless told otherwise", () => {
  ok(existsSync(inProject("lib/project.ts")));
  const { out, cache, epochs, method } = configure({ epochs: 3 });
  ok(isAbsolute(out));
  equal(out, join(inProject("."), "outputs"));
  equal(cache, join(out, "cache"));
  equal(`${epochs} ${method}`, "3 attention_pooling");
  equal(configure({ out: "elsewhere" }).out, "elsewhere");
  equal(configureAblation({ methods: { memocmt: {} }, seeds: [1] }).out, out);
});

Deno.test("an unknown option is refused with the nearest", () => {
  throws(() => configure({ epoch: 3 } as never), /Did you mean epochs\?/);
  throws(() => configureAblation({ methods: {}, seed: [1] } as never), /Did you mean seeds\?/);
});
