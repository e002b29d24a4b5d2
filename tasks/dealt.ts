/** Deals files to batches one by one, so that the slow tests of one folder end up in different batches. */
export function dealt(files: readonly string[], count: number): string[][] {
  const batches = Array.from({ length: count }, (_, batch) => files.filter((_, i) => i % count === batch));
  return batches.filter(({ length }) => length > 0);
}
