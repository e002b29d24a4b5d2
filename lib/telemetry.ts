/** Keeps ONNX Runtime from sending anything. */

/** The variable that ONNX Runtime reads when it starts: nothing is then collected, stored or sent. */
const VARIABLE = "ORT_DISABLE_TELEMETRY";

/**
 * Turns off ONNX Runtime's telemetry in this process and those that it starts, unless the user has set the
 * variable. Call it before ONNX Runtime starts. Without permission for the variable, it does nothing.
 */
export function disableTelemetry(): void {
  if (Deno.permissions.querySync({ name: "env", variable: VARIABLE }).state !== "granted") return;
  if (Deno.env.get(VARIABLE) === undefined) Deno.env.set(VARIABLE, "1");
}
