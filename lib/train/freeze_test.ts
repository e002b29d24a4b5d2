import { deepEqual, throws } from "../testing/assert.ts";
import { trainable } from "./freeze.ts";

const names = ["text.w", "audio.w", "head.w", "head.b"];

Deno.test("each epoch trains what its phase names, the last phase goes on", () => {
  const plan = [{ epochs: 2, train: ["text", "audio", "head"] }, { epochs: 1, train: ["head"] }];
  deepEqual([0, 1, 2, 3].map((epoch) => trainable(plan, names, epoch)), [
    names,
    names,
    ["head.w", "head.b"],
    ["head.w", "head.b"],
  ]);
});

Deno.test("no plan trains everything", () => deepEqual(trainable([], names, 7), names));

Deno.test("a prefix that fits nothing is refused, in whichever phase it stands", () => {
  const plan = [{ epochs: 1, train: ["head"] }, { epochs: 1, train: ["head", "audoi"] }];
  throws(() => trainable(plan, names, 0), /found 'audoi' at the freeze plan\. Did you mean 'audio'\?/);
});
