/** Returns a record with the same keys and each value mapped. */
export function mapValues<V, W>(
  record: Record<string, V>,
  map: (value: V, key: string) => W,
): Record<string, W> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
