import { equal, ok } from "../testing/assert.ts";
import { png } from "./png.ts";
import { spectrogramFigure } from "./spectrogram.ts";

/** A tone of `hz` in the second half of a second of silence. */
const tone = (hz: number) =>
  Float32Array.from(
    { length: 16_000 },
    (_, i) => i < 8000 ? 0 : 0.5 * Math.sin(2 * Math.PI * hz * i / 16_000),
  );

const cells = (samples: Float32Array) => spectrogramFigure(samples).plotly.data[0].z as number[][];

Deno.test("a tone is loudest in the band that holds its frequency, and only while it sounds", () => {
  const mel = (hz: number) => 2595 * Math.log10(1 + hz / 700);
  for (const hz of [300, 1000, 3000]) {
    const z = cells(tone(hz)), late = z.map((row) => row.at(-20)!), early = z.map((row) => row[20]);
    const loudest = late.indexOf(Math.max(...late));
    const band = (mel(hz) - mel(20)) / (mel(7600) - mel(20)) * z.length;
    ok(Math.abs(loudest + 0.5 - band) <= 1, `${hz} Hz: band ${loudest}, expected ${band}`);
    ok(late[loudest] >= -2, "loud cells are near 0 dB");
    ok(early.every((cell) => cell === -60), "silence is the floor");
  }
});

Deno.test("time and frequency axes are those of the recording", () => {
  const { plotly, title } = spectrogramFigure(tone(440), "tone");
  const { x0, dx, z } = plotly.data[0] as { x0: number; dx: number; z: number[][] };
  equal(title, "tone, 1.00 s");
  ok(Math.abs(dx * z[0].length - 1) < 1e-9 && x0 === dx / 2);
});

Deno.test("silence and a clip shorter than a frame can be drawn", async () => {
  for (const samples of [new Float32Array(8000), tone(440).slice(-100)]) {
    const { svg } = spectrogramFigure(samples);
    ok(!/NaN|Infinity/.test(svg));
    ok((await png(svg)).length > 1000);
  }
});

Deno.test("all zeros are shown as silence", () => {
  ok(cells(new Float32Array(8000)).flat().every((cell) => cell === -60));
});
