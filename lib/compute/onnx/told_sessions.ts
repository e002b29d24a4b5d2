/** Compiled graphs that tell of themselves: compile times as they happen, and a table of hits at the end. */
import { tell } from "../debug.ts";
import type { Sessions } from "./sessions.ts";

interface Told {
  nodes: number;
  bytes: number;
  memory: string;
  compileMs: number;
  /** How often it was there when it was wanted again. */
  hits: number;
  /** How often it had to be compiled. */
  compiles: number;
}

const KIB = 1024;

/** One line about a compiled graph. */
const lineOf = (number: number, { nodes, bytes, memory, compileMs, compiles, hits }: Told): string =>
  `graph ${number}: ${nodes} nodes, ${(bytes / KIB).toFixed(1)} KiB of values, ${memory} memory, ` +
  `compiled ${compiles === 1 ? "" : `${compiles} times `}in ${compileMs.toFixed(1)} ms, ${hits} hits`;

/** The same sessions. `atEnd` is given what writes the table, to call it when the process ends. */
export function toldSessions(
  sessions: Sessions,
  atEnd = (report: () => void) => globalThis.addEventListener("unload", report),
): Sessions {
  const told = new Map<string, Told>();
  const numberOf = (signature: string) => [...told.keys()].indexOf(signature) + 1;
  atEnd(() => {
    const all = [...told.values()];
    const sum = (of: (graph: Told) => number) => all.reduce((total, graph) => total + of(graph), 0);
    const compiled = `${sum(({ compiles }) => compiles)} compiled in ${
      sum((g) => g.compileMs).toFixed(1)
    } ms`;
    tell("sessions", `${compiled}, ${sum(({ hits }) => hits)} hits, ${sessions.size()} kept`);
    all.forEach((graph, i) => tell("sessions", lineOf(i + 1, graph)));
  });
  return {
    ...sessions,
    get(signature) {
      const session = sessions.get(signature), graph = told.get(signature);
      if (session && graph) graph.hits++;
      return session;
    },
    add(signature, bytes, compile) {
      const graph = told.get(signature) ??
        { nodes: signature.split("\n").length - 1, bytes, memory: "", compileMs: 0, hits: 0, compiles: 0 };
      told.set(signature, graph);
      const start = performance.now();
      const session = sessions.add(signature, bytes, (memory) => compile(graph.memory = memory));
      graph.compileMs += performance.now() - start;
      graph.compiles++;
      tell("sessions", lineOf(numberOf(signature), graph));
      return session;
    },
  };
}
