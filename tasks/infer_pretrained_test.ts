/** `infer` without --checkpoint: the model that comes with the project answers, and says what it is. */
import { equal, match } from "../lib/testing/assert.ts";
import { captured as run } from "./cli/testing.ts";
import { task as infer } from "./infer.ts";

/** The emotion that `--json` prints for a text. */
const predicted = (out: readonly string[]): string => JSON.parse(out.at(-1)!)[0].predicted;

Deno.test("without --checkpoint, infer answers and says which model it is", async () => {
  const glad = await run(infer, "--text", "That is wonderful news, congratulations!", "--json");
  equal(glad.code, 0, glad.err.join("\n"));
  equal(predicted(glad.out), "joy");
  match(
    glad.err[0],
    /^note: answered by the small model of lib\/pretrained, .*for research only; its MODEL_CARD/,
  );
});
