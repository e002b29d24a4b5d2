/** The switch UNDERTONE_DEBUG: selects what the engine reports about its own work on stderr. */

/**
 * `capture` reports whether a step was captured, and if not, why. `graph` prints every compiled graph.
 * `sessions` reports compile times and cache hits of compiled graphs.
 */
export const TOPICS = ["capture", "graph", "sessions"] as const;
export type Topic = (typeof TOPICS)[number];

/** Parses topics separated by commas. Calls `unknown` with the names that are not topics. */
export function topicsOf(setting: string, unknown: (names: string[]) => void): Record<Topic, boolean> {
  const names = setting.split(",").map((name) => name.trim()).filter(Boolean);
  const others = names.filter((name) => !TOPICS.includes(name as Topic));
  if (others.length) unknown(others);
  return Object.fromEntries(TOPICS.map((topic) => [topic, names.includes(topic)])) as Record<Topic, boolean>;
}

/** Returns the value of UNDERTONE_DEBUG. Empty if reading the environment is not permitted; never prompts. */
function setting(): string {
  const name = { name: "env", variable: "UNDERTONE_DEBUG" } as const;
  return Deno.permissions.querySync(name).state === "granted" ? Deno.env.get(name.variable) ?? "" : "";
}

/** The topics that are on. Read once, on first import. */
export const debug: Record<Topic, boolean> = topicsOf(
  setting(),
  (names) => console.error(`UNDERTONE_DEBUG accepts ${TOPICS.join(", ")}, but not ${names.join(", ")}.`),
);

/**
 * Writes text to stderr, each line prefixed with the topic. Callers check `debug` first, so that no text is
 * built needlessly.
 */
export function debugLog(topic: Topic, text: string): void {
  console.error(text.split("\n").map((line) => `${topic}: ${line}`).join("\n"));
}

/** Calls `work` with these topics on and returns the logged lines. For tests. */
export async function listening(topics: readonly Topic[], work: () => unknown): Promise<string[]> {
  const before = { ...debug }, write = console.error, lines: string[] = [];
  for (const topic of topics) debug[topic] = true;
  console.error = (text: string) => void lines.push(...text.split("\n"));
  try {
    await work();
    return lines;
  } finally {
    console.error = write;
    Object.assign(debug, before);
  }
}
