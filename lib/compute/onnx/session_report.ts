/**
 * UNDERTONE_DEBUG=sessions: reports compile times as they happen, and a table of cache hits when the process
 * ends.
 */
import { debugLog } from "../debug.ts";
import type { Needs, Sessions } from "./sessions.ts";

interface Usage {
  nodes: number;
  bytes: number;
  memory: string;
  compileMs: number;
  /** Number of cache hits. */
  hits: number;
  /** Number of compilations; more than 1 if the cache had dropped the graph. */
  compiles: number;
}

const KIB = 1024;

/** Formats one line about a compiled graph. */
const lineOf = (number: number, { nodes, bytes, memory, compileMs, compiles, hits }: Usage): string =>
  `graph ${number}: ${nodes} nodes, ${(bytes / KIB).toFixed(1)} KiB of values, ${memory} memory, ` +
  `compiled ${compiles === 1 ? "" : `${compiles} times `}in ${compileMs.toFixed(1)} ms, ${hits} hits`;

/**
 * Wraps a session store so that it reports to stderr. `atEnd` receives the function that writes the table.
 */
export function reportSessions(
  sessions: Sessions,
  atEnd = (report: () => void) => globalThis.addEventListener("unload", report),
): Sessions {
  const usage = new Map<string, Usage>();
  const numberOf = (signature: string) => [...usage.keys()].indexOf(signature) + 1;
  atEnd(() => {
    const all = [...usage.values()];
    const sum = (of: (graph: Usage) => number) => all.reduce((total, graph) => total + of(graph), 0);
    const compiled = `${sum(({ compiles }) => compiles)} compiled in ${
      sum((g) => g.compileMs).toFixed(1)
    } ms`;
    debugLog("sessions", `${compiled}, ${sum(({ hits }) => hits)} hits, ${sessions.size()} kept`);
    all.forEach((graph, i) => debugLog("sessions", lineOf(i + 1, graph)));
  });
  return {
    ...sessions,
    get(signature) {
      const session = sessions.get(signature), graph = usage.get(signature);
      if (session && graph) graph.hits++;
      return session;
    },
    add(signature, needs: Needs, compile) {
      const graph = usage.get(signature) ??
        {
          nodes: signature.split("\n").length - 1,
          bytes: needs.values,
          memory: "",
          compileMs: 0,
          hits: 0,
          compiles: 0,
        };
      usage.set(signature, graph);
      const start = performance.now();
      const session = sessions.add(signature, needs, (memory) => compile(graph.memory = memory));
      graph.compileMs += performance.now() - start;
      graph.compiles++;
      debugLog("sessions", lineOf(numberOf(signature), graph));
      return session;
    },
  };
}
