import { deepEqual } from "../../lib/testing/assert.ts";
import type { EncodeProgress } from "../../lib/encoders/mod.ts";
import { encodeProgress } from "./show.ts";

Deno.test("a line says whether inputs are encoded or read; what is cached has none", () => {
  const written: string[] = [];
  const sink = { terminal: true, columns: 200, write: (text: string) => void written.push(text) };
  const part: EncodeProgress = { modality: "audio", done: 4, total: 4, cached: 0, perSecond: 2 };
  using line = encodeProgress(sink);
  line.update({ ...part, cached: 4 });
  line.update({ ...part, modality: "text" });
  line.update({ ...part, isReading: true });
  line.update(part);
  deepEqual(written.flatMap((text) => /(encode|read) \w+/.exec(text)?.[0] ?? []), [
    "encode text",
    "read speech",
    "encode speech",
  ]);
});
