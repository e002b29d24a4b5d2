import { equal, ok } from "../testing/assert.ts";
import { jsonFixture } from "../testing/shared.ts";
import { adam, adamW, type Optimizer, sgd, type Values } from "./optimizer.ts";

interface Trajectory {
  optimizer: "AdamW" | "Adam" | "SGD";
  options: Record<string, number | boolean> & { lr: number; weight_decay?: number; betas?: [number, number] };
  parameters_after_each_step: number[][];
}

const { start, gradients, trajectories, defaults, tolerance } = jsonFixture("optim.json") as {
  start: number[];
  gradients: number[][];
  trajectories: Trajectory[];
  defaults: Record<string, { weight_decay: number }>;
  tolerance: { float64: number; float32: number };
};

function make({ optimizer, options }: Trajectory): Optimizer {
  const { betas: [beta1, beta2] = [], eps, momentum, nesterov } = options as {
    betas?: number[];
    eps?: number;
    momentum?: number;
    nesterov?: boolean;
  };
  if (optimizer === "SGD") return sgd({ momentum, nesterov });
  return (optimizer === "Adam" ? adam : adamW)({ beta1, beta2, eps });
}

function replay<V extends Values>(
  trajectory: Trajectory,
  array: (values: number[]) => V,
  bound: number,
  scale: number,
) {
  const { options, optimizer: name, parameters_after_each_step: expected } = trajectory;
  const optimizer = make(trajectory), values = array(start), state = optimizer.init(values);
  const weightDecay = options.weight_decay ?? defaults[name]?.weight_decay ?? 0;
  gradients.forEach((gradient, step) => {
    optimizer.update(values, array(gradient.map((g) => g / scale)), state, {
      lr: options.lr,
      weightDecay,
      scale,
    });
    expected[step].forEach((want, i) => {
      const off = Math.abs(values[i] - want);
      ok(
        off <= bound * Math.max(1, Math.abs(want)),
        `${name} ${JSON.stringify(options)} step ${step} [${i}]: ${values[i]} for ${want}`,
      );
    });
  });
  equal(state.step, gradients.length);
}

for (const trajectory of trajectories) {
  const title = `${trajectory.optimizer} ${JSON.stringify(trajectory.options)} follows PyTorch`;
  Deno.test(`${title} in float64`, () => {
    replay(trajectory, (v) => Float64Array.from(v), tolerance.float64, 1);
    replay(trajectory, (v) => Float64Array.from(v), tolerance.float64, 0.25); // the factor on the gradient is exact
  });
  Deno.test(`${title} in float32`, () => {
    replay(trajectory, (v) => Float32Array.from(v), tolerance.float32, 1);
  });
}
