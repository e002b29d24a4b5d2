import { match } from "../../testing/assert.ts";
import type { Material } from "./material.ts";
import { trainingSection } from "./training_section.ts";

Deno.test("skipped updates are counted, and a run without any other says that it trained nothing", () => {
  const textWith = (skippedSteps: number) => {
    const stopped = { type: "stopped", reason: "finished", step: 3, bestEpoch: 0, best: 0.5, skippedSteps };
    const material = { name: "first", events: [stopped], config: { select: "macro_f1" } };
    return trainingSection(material as unknown as Material).texts!.join("\n");
  };
  match(textWith(1), /1 update changed nothing, because a gradient overflowed half precision\.$/);
  match(textWith(3), /All changed nothing, .* half precision\. The run trained nothing\.$/);
});
