import { equal } from "../testing/assert.ts";
import { normaliseText, repairText } from "./text.ts";

Deno.test("Windows-1252 control characters are repaired; all else stays", () => {
  equal(repairText("It\u0092s \u0093me\u0094\u0085 \u0096 caf\u00e9 ’ \n"), "It’s “me”… – café ’ \n");
});

Deno.test("texts that read the same normalise to the same", () => {
  equal(normaliseText("  It’s  ME—Joey?! "), "its me joey");
  equal(normaliseText("it's me, Joey"), "its me joey");
  equal(normaliseText("Ｆｕｌｌ １"), "full 1");
  equal(normaliseText("!"), "");
});
