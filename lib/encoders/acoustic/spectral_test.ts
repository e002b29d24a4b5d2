import { deepEqual, ok } from "../../testing/assert.ts";
import { readSafetensors } from "../../files/safetensors.ts";
import { fixture, jsonFixture } from "../../testing/shared.ts";
import { SHAPES, spectralShape } from "./spectral.ts";
import { BINS, powerSpectra } from "./spectrum.ts";

const clips = await readSafetensors(fixture("audio/expected.safetensors"));
const speech = clips.tensors["pcm16_16k_mono.wav"].data as Float32Array;
const reference = jsonFixture("spectral_shape.json");

/** Returns the shapes, by name, of the last of these spectra; each spectrum is given as power at kHz. */
function shapeOf(...spectra: ((kHz: number) => number)[]): Record<typeof SHAPES[number], number> {
  const power = Float64Array.from(
    { length: spectra.length * BINS },
    (_, at) => spectra[Math.floor(at / BINS)](at % BINS * 0.04),
  );
  const last = spectralShape(power).subarray(-SHAPES.length);
  return Object.fromEntries(SHAPES.map((name, i) => [name, last[i]])) as ReturnType<typeof shapeOf>;
}

function close(found: Record<string, number>, expected: Record<string, number>, tolerance = 1e-6) {
  for (const [name, x] of Object.entries(expected)) {
    ok(Math.abs(found[name] - x) < tolerance, `${name}: ${found[name]}, expected ${x}`);
  }
}

const line = (kHz: number, power = 1) => (at: number) => Math.abs(at - kHz) < 0.02 ? power : 0;
const flat = () => 1;

Deno.test("shapes of a clip equal those of a numpy program", () => {
  const shape = spectralShape(powerSpectra(speech));
  deepEqual(shape.length, 118 * SHAPES.length);
  reference.shape.forEach((row: number[], i: number) => {
    const frame = shape.subarray(reference.every * i * SHAPES.length);
    const found = Object.fromEntries(SHAPES.map((name, column) => [name, frame[column]]));
    const expected = Object.fromEntries(SHAPES.map((name, column) => [name, row[column]]));
    close(found, expected, reference.tolerance);
  });
});

Deno.test("a single line: all its power at one frequency", () => {
  close(shapeOf(line(3, 201)), {
    "log energy": 0,
    "log centroid": Math.log(3001),
    "spread": 0,
    "roll-off 25 %": 3,
    "roll-off 85 %": 3,
    "flatness": (Math.log(201) + 200 * Math.log(1e-10)) / 201,
    "flux": 0,
    "alpha ratio": Math.log(201) - Math.log(1e-10),
    "Hammarberg index": Math.log(1e-10) - Math.log(201),
    "slope 0-500 Hz": 0,
    "slope 500-1500 Hz": 0,
  }, 1e-4); // the spread is the root of a difference
});

Deno.test("a flat spectrum has its energy in the middle and no slope", () => {
  close(shapeOf(flat), {
    "log energy": 0,
    "log centroid": Math.log(4001),
    "spread": 0.04 * Math.sqrt((201 ** 2 - 1) / 12), // of 201 equal steps
    "roll-off 25 %": 2, // bins 0 to 50 hold 51 / 201
    "roll-off 85 %": 6.8, // bins 0 to 170
    "flatness": 0,
    "alpha ratio": Math.log(100 / 24),
    "Hammarberg index": 0,
    "slope 0-500 Hz": 0,
    "slope 500-1500 Hz": 0,
  });
});

Deno.test("slopes of ln power per kHz, and the level, which moves nothing else", () => {
  const falling = (kHz: number) => Math.exp(kHz < 0.5 ? 2 * kHz : -kHz);
  const { "log energy": level, ...shape } = shapeOf(falling);
  close(shape, { "slope 0-500 Hz": 2, "slope 500-1500 Hz": -1, "Hammarberg index": 0.96 + 2 });
  const { "log energy": louder, ...same } = shapeOf((kHz) => 100 * falling(kHz));
  close(same, shape);
  close({ louder }, { louder: level + Math.log(100) });
});

Deno.test("flux: 0 between spectra of one shape, root 2 between disjoint ones", () => {
  close(shapeOf(flat, () => 9), { flux: 0 });
  close(shapeOf(line(1), line(2)), { flux: Math.SQRT2 });
  close(shapeOf(flat, line(1), (kHz) => line(1, 0.5)(kHz) + line(3, 0.5)(kHz)), {
    flux: Math.sqrt(2 - Math.SQRT2), // (1 - sqrt(1/2))² + 1/2
  });
});

Deno.test("silence is finite, no spectra have no shapes", () => {
  ok(spectralShape(new Float64Array(2 * BINS)).every(Number.isFinite));
  deepEqual(spectralShape(new Float64Array(0)), new Float64Array(0));
});
