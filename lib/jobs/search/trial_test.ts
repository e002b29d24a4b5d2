import type { AblationCell } from "../../config/mod.ts";
import { UndertoneError } from "../../errors.ts";
import { equal, match } from "../../testing/assert.ts";
import { failureOf, keepFailure, type Shared } from "./trial.ts";

Deno.test("a failure counts only for the options, the data and the code that it was found with", async () => {
  const folder = await Deno.makeTempDir();
  const cell = { id: "trial-0", config: { lr: 1, method: "text_only" } } as AblationCell;
  const shared = (rows: string, code: string) =>
    ({
      folder,
      modules: [{ files: new Map([["/m.ts", code]]) }],
      dataOf: () => ({ rows }),
    }) as unknown as Shared;
  await keepFailure(cell, shared("a", "1"), new UndertoneError("The loss is not finite.", "input"));
  match((await failureOf(cell, shared("a", "1")))!, /not finite/);
  equal(await failureOf(cell, shared("b", "1")), undefined);
  equal(await failureOf(cell, shared("a", "2")), undefined);
});
