/** A record of the same keys, with what `map` makes of each value. */
export function mapValues<V, W>(
  record: Record<string, V>,
  map: (value: V, key: string) => W,
): Record<string, W> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
