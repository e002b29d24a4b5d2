/** Deals tests to batches one by one, so that the slow ones of one folder end up in different batches. */
export function dealt(tests: readonly string[], count: number): string[][] {
  const batches = Array.from({ length: count }, (_, batch) => tests.filter((_, i) => i % count === batch));
  return batches.filter(({ length }) => length > 0);
}
