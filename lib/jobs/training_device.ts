/** The device of a training with `--device auto`: a GPU if an encoder trains, the CPU if only a head does. */
import { type EngineOptions, findGpu, useEngine } from "../compute/mod.ts";
import { phasesOf, type TrainConfig, trainedEncoders } from "../config/mod.ts";

/** What the choice depends on. */
export interface DeviceWish {
  /** `--device`. */
  device: string;
  engine: string;
  /** Whether an encoder trains, in any phase. */
  trainsEncoder: boolean;
  /** Name of the GPU that is there. */
  gpu?: string;
  /** The device on which a resumed run has trained so far. */
  before?: string;
}

/** A device, and what the user should know about it. */
export interface DeviceChoice {
  device: string;
  note?: string;
}

/**
 * Chooses the device of a training. A head trains in milliseconds a step, so it stays on the CPU. A resumed
 * run stays on its device.
 */
export function chooseDevice({ device, engine, trainsEncoder, gpu, before }: DeviceWish): DeviceChoice {
  if (device !== "auto" || engine !== "onnx") return { device };
  if (before === "webgpu") {
    return gpu ? { device: "webgpu", note: `trains on ${gpu} again.` } : { device: "cpu", note: LEFT_GPU };
  }
  if (before !== undefined || !trainsEncoder || !gpu) return { device };
  return {
    device: "webgpu",
    note: `trains on ${gpu}, because an encoder trains (--device cpu stays on the CPU).`,
  };
}

const LEFT_GPU = "trained on a GPU so far, but none is here: goes on on the CPU. " +
  "Numbers may differ from an unbroken run in their last digits.";

type Wished = Pick<TrainConfig, "device" | "engine" | "threads" | "train" | "freeze">;

/** What a test replaces: the search for a GPU, and the start of an engine. */
interface Means {
  find(): Promise<string | undefined>;
  use(options: EngineOptions): Promise<unknown>;
}

/**
 * Starts the engine of a training on the chosen device. Returns notes for the user. If `auto` finds a GPU
 * that then fails, the CPU is used and a note says why.
 */
export async function useTrainingEngine(
  { device, engine, threads, ...phases }: Wished,
  before?: string,
  { find, use }: Means = { find: findGpu, use: useEngine },
): Promise<string[]> {
  const trainsEncoder = trainedEncoders(phasesOf(phases)).length > 0;
  const matters = device === "auto" && engine === "onnx" && (trainsEncoder || before === "webgpu");
  const gpu = matters ? await find() : undefined;
  const chosen = chooseDevice({ device, engine, trainsEncoder, gpu, before });
  try {
    await use({ device: chosen.device, engine, threads });
    return chosen.note ? [chosen.note] : [];
  } catch (error) {
    if (chosen.device === device) throw error;
    await use({ device: "cpu", engine, threads });
    return [`${gpu} is there but can't be used, so the CPU trains. ${(error as Error).message}`];
  }
}
