/** Steps in host memory: gradients out of a graph, then one pass over parameters and slots, in place. */
import { updateInPlace } from "../compute/mod.ts";
import { clipFactor, globalNorm } from "./clip.ts";
import { type GradientStep, gradientStep } from "./gradients.ts";
import type { ParameterState } from "./optimizer.ts";
import { roomsFor } from "./rooms.ts";
import type { Steps, Trained } from "./steps.ts";

export function hostSteps({ loss, params, ever, optimizer, states }: Trained): Steps {
  const sizes = Object.fromEntries(ever.map((name) => [name, params[name].size]));
  const rooms = roomsFor(sizes, optimizer, states);
  const remembered: Record<string, ParameterState> = { ...states };
  for (const name in states) if (rooms[name]) remembered[name] = rooms[name].state;
  const into = Object.fromEntries(Object.entries(rooms).map(([name, { gradient }]) => [name, gradient]));

  let phase: { names: string; step: GradientStep } | undefined;
  /** The step that trains these parameters; the one before is no longer needed. */
  const stepOf = (trained: readonly string[]): GradientStep => {
    const names = trained.join();
    if (phase?.names !== names) {
      phase?.step.dispose();
      const training = Object.fromEntries(trained.map((name) => [name, params[name]]));
      phase = { names, step: gradientStep(loss, { params, training, into }) };
    }
    return phase.step;
  };

  return {
    async take(trained, batches, { clip, ratesOf, accept }) {
      const { gradients, weight, loss } = await stepOf(trained).run(batches);
      const gradientNorm = globalNorm(gradients.values()) / weight;
      accept(loss / weight, gradientNorm);
      const scale = clipFactor(gradientNorm, clip) / weight;
      for (const [name, gradient] of gradients) {
        const room = rooms[name], memory = remembered[name] ??= room.state;
        const settings = { ...ratesOf(name), scale };
        await updateInPlace(
          params[name],
          (values) => optimizer.update(values, gradient, memory, settings),
          room.values,
        );
      }
      return { loss, weight, gradientNorm };
    },
    states: () => Promise.resolve(remembered),
    [Symbol.dispose]: () => phase?.step.dispose(),
  };
}
