/** Frees memory that nothing holds any more. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Collects garbage now. The collector judges by JavaScript's heap and new arrays. It may leave hundreds of
 * megabytes of arrays that nothing holds, while ONNX Runtime and WebAssembly ask the system for as much.
 */
export function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}
