import { equal, ok } from "../testing/assert.ts";
import { simdArrays } from "../simd/mod.ts";
import { random } from "../random.ts";
import { globalNorm } from "./host_steps.ts";
import { adam, adamW, type Optimizer, type ParameterState } from "./optimizer.ts";

const SETTINGS = { lr: 0.01, weightDecay: 0.1, scale: 0.5 };

interface TrainingTask {
  values: Float32Array;
  gradient: Float32Array;
  state: ParameterState;
}

/** Returns a parameter whose arrays lie in SIMD memory, so that the SIMD loop updates them. */
function inLanes(start: Float32Array): TrainingTask {
  const [[values, gradient, exp_avg, exp_avg_sq]] = simdArrays([Array(4).fill(start.length)]);
  values.set(start);
  return { values, gradient, state: { step: 0, slots: { exp_avg, exp_avg_sq } } };
}

/** Returns the parameter in separate arrays, which the double-precision loop updates. */
const apart = (start: Float32Array, optimizer: Optimizer): TrainingTask => ({
  values: start.slice(),
  gradient: new Float32Array(start.length),
  state: optimizer.init(start),
});

function update(optimizer: Optimizer, { values, gradient, state }: TrainingTask, next: Float32Array): void {
  gradient.set(next);
  optimizer.update(values, gradient, state, SETTINGS);
}

function same(
  found: TrainingTask,
  wanted: TrainingTask,
  bound: (want: number, array: number) => number,
  title: string,
) {
  const arrays = ({ values, state }: TrainingTask) => [values, state.slots.exp_avg, state.slots.exp_avg_sq];
  arrays(wanted).forEach((wants, which) =>
    wants.forEach((want, i) => {
      const got = arrays(found)[which][i];
      const close = Object.is(got, want) || Math.abs(got - want) <= bound(want, which);
      if (!close) ok(false, `${title}, array ${which} [${i}]: ${got} for ${want}`);
    })
  );
  equal(found.state.step, wanted.state.step);
}

const relative = (want: number) => 1e-6 * Math.max(1, Math.abs(want));

for (const [name, optimizer] of [["Adam", adam()], ["AdamW", adamW()]] as const) {
  Deno.test(`${name} equals the double-precision loop at every length`, () => {
    for (const length of [0, 1, 3, 4, 5, 255, 256, 1023, 2 ** 14 + 1, 3e5 + 7]) {
      const { uniform } = random(length), draw = () => 2 * uniform() - 1;
      const start = Float32Array.from({ length }, draw);
      const lanes = inLanes(start), loop = apart(start, optimizer);
      for (let step = 0; step < 3; step++) {
        // Gradients have the values' sign: if Adam's weight decay cancelled one, only float32 noise would
        // remain.
        const gradient = start.map((value) => value * (2 + draw()));
        update(optimizer, lanes, gradient);
        update(optimizer, loop, gradient);
      }
      same(lanes, loop, relative, `length ${length}`);
    }
  });

  Deno.test(`${name} handles NaN and infinity as the loop does`, () => {
    const odd = [NaN, Infinity, -Infinity, 0, -0, 1, -1, 3e38, 1e-30];
    const start = Float32Array.from({ length: 999 }, (_, i) => odd[i % 9]);
    const gradient = Float32Array.from({ length: 999 }, (_, i) => odd.slice(0, 7)[Math.floor(i / 9) % 7]);
    const lanes = inLanes(start), loop = apart(start, optimizer);
    for (let step = 0; step < 3; step++) {
      update(optimizer, lanes, gradient);
      update(optimizer, loop, gradient);
      same(lanes, loop, relative, `step ${step}`);
    }
  });

  Deno.test(`${name} keeps or flushes subnormal numbers, as the loop does on the same thread`, () => {
    const small = [1e-18, 3e-20, -1e-21, 2e-22, 1e-37, -1e-38, 1e-41, 1e-44];
    const gradient = Float32Array.from({ length: 800 }, (_, i) => small[i % 8]);
    const lanes = inLanes(new Float32Array(800)), loop = apart(new Float32Array(800), optimizer);
    for (const { state: { slots } } of [lanes, loop]) {
      slots.exp_avg.fill(1e-42);
      slots.exp_avg_sq.fill(1e-40);
    }
    update(optimizer, lanes, gradient);
    update(optimizer, loop, gradient);
    const least = [1e-30, 3 * 2 ** -149, 3 * 2 ** -149];
    same(lanes, loop, (want, array) => 1e-6 * Math.abs(want) + least[array], "small");
  });
}

Deno.test("the SIMD norm equals the scalar norm at every length", () => {
  for (const length of [0, 1, 3, 4, 7, 1000, 100_003]) {
    const [[lanes, beside]] = simdArrays([[length, 4]]), { normal } = random(length);
    beside.fill(1e6); // what lies behind the last number does not count
    lanes.forEach((_, i) => lanes[i] = normal());
    const expected = globalNorm([Float64Array.from(lanes)]);
    ok(Math.abs(globalNorm([lanes]) - expected) <= 1e-7 * expected, `length ${length}`);
  }
});
