/** The engines that can be tested here: TensorFlow's where it is set up. */
import { ENGINES } from "../compute/mod.ts";
import { tensorflowIsSetUp } from "../compute/tensorflow/package.ts";

export const enginesHere = ENGINES.filter((engine) => engine !== "tensorflow" || tensorflowIsSetUp());
