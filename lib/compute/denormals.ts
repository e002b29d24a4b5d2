/**
 * Whether this thread takes denormal numbers for zero. ONNX Runtime makes the thread of a process's first
 * session do so, and a thread that starts inherits it where the system is Linux.
 */
export function zeroesDenormals(): boolean {
  const [smallest] = Float64Array.of(Number.MIN_VALUE); // not a constant, which would be computed in advance
  return smallest + smallest === 0;
}
