import { currentEngine } from "../compute/mod.ts";
import { deviceSteps } from "./device_steps.ts";
import { hostSteps } from "./host_steps.ts";
import type { Steps, Trained } from "./steps.ts";

/** Steps where the engine in use keeps the parameters. */
export const stepsHere = (trained: Trained): Steps =>
  currentEngine().memory === "device" ? deviceSteps(trained) : hostSteps(trained);
