import { deepEqual, equal, match } from "../../testing/assert.ts";
import type { AnsweredRow } from "../predictions.ts";
import type { Answered, Material } from "./material.ts";
import { errorsSection, mistakesIn } from "./errors.ts";

const labels = ["joy", "anger"];
const row = (id: string, truth: number, answer: number[], audio?: string): AnsweredRow => ({
  id,
  target: { kind: "class", value: truth },
  answer,
  audio,
});
const rows = [
  row("right", 0, [0.99, 0.01]),
  row("sure", 1, [0.9, 0.1], "a.wav"),
  row("unsure", 0, [0.4, 0.6], "b.wav"),
  row("gone", 0, [0.45, 0.55], "c.wav"),
  row("odd", 0, [0.48, 0.52], "d.sph"),
];

Deno.test("mistakes come with the most confident first, ties by id", () => {
  deepEqual(mistakesIn([...rows].reverse(), labels).map(({ row }) => row.id), [
    "sure",
    "unsure",
    "gone",
    "odd",
  ]);
  deepEqual(mistakesIn(rows, labels)[0].confidence, 0.9);
});

Deno.test("recordings are embedded while there is room, and named where they are too large, gone or no sound", async () => {
  const root = await Deno.makeTempDir();
  await Deno.writeFile(`${root}/a.wav`, new Uint8Array(10));
  await Deno.writeFile(`${root}/b.wav`, new Uint8Array(10));
  await Deno.writeFile(`${root}/d.sph`, new Uint8Array(1));
  const material = { target: "class", labels, root } as unknown as Material;
  const answered = { split: "dev", rows } as unknown as Answered, sound = { each: 10, left: 15 };
  const { clips = [], texts = [] } = await errorsSection(material, answered, sound);
  deepEqual(clips.map(({ audio }) => audio?.bytes?.length), [10, undefined, undefined, undefined]);
  deepEqual(clips.map(({ audio }) => audio?.path), ["a.wav", "b.wav", "c.wav", "d.sph"]);
  equal(sound.left, 5);
  match(texts.join(" "), /4 rows of 5 on dev are wrong\. The page holds 1 of 4 recordings/);
  await Deno.remove(root, { recursive: true });
});
