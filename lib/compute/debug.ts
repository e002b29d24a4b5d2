/** The switch UNDERTONE_DEBUG: what the engine writes to stderr about its own work. */

/**
 * `capture`: whether a step was captured, and if not, why. `graph`: every compiled graph, as lines. `sessions`: compile
 * times and cache hits of compiled graphs.
 */
export const TOPICS = ["capture", "graph", "sessions"] as const;
export type Topic = (typeof TOPICS)[number];

/** The topics in a list separated by commas. Calls `unknown` with names that are none of them. */
export function topicsOf(setting: string, unknown: (names: string[]) => void): Record<Topic, boolean> {
  const names = setting.split(",").map((name) => name.trim()).filter(Boolean);
  const others = names.filter((name) => !TOPICS.includes(name as Topic));
  if (others.length) unknown(others);
  return Object.fromEntries(TOPICS.map((topic) => [topic, names.includes(topic)])) as Record<Topic, boolean>;
}

/** The setting. Empty if the environment may not be read: the user is not asked for permission. */
function setting(): string {
  const name = { name: "env", variable: "UNDERTONE_DEBUG" } as const;
  return Deno.permissions.querySync(name).state === "granted" ? Deno.env.get(name.variable) ?? "" : "";
}

/** Which topics are on. Read once, when this file is first imported. */
export const debug: Record<Topic, boolean> = topicsOf(
  setting(),
  (names) => console.error(`UNDERTONE_DEBUG knows ${TOPICS.join(", ")}, and not ${names.join(", ")}.`),
);

/**
 * Writes text to stderr, with the topic before each line. Callers check `debug` first, so that no text is made in
 * vain.
 */
export function debugLog(topic: Topic, text: string): void {
  console.error(text.split("\n").map((line) => `${topic}: ${line}`).join("\n"));
}

/** Calls `work` with topics on and returns the lines that it logged. For tests. */
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
