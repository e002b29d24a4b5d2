/** Puts the finished graphs of frozen encoders before the graph of a head. */
import type { Nodes } from "../compute/mod.ts";
import { decodeGraph, renamed } from "../encoders/mod.ts";
import type { Part } from "./parts.ts";

/**
 * Returns the head's graph with these encoders before it. The head reads hidden states and their mask by the
 * names of `inputs.ports`; the encoders compute both under these names. All other names of an encoder get a
 * prefix of their own.
 */
export function withEncoders(head: Nodes["proto"], parts: readonly Part[]): Nodes["proto"] {
  const encoders = parts.flatMap(({ inputs, graph }) => {
    if (!graph) return [];
    const [states, mask] = inputs.ports, kept = graph.ports.map(({ name }): [string, string] => [name, name]);
    const names = new Map([["states", states.name], ["mask", mask.name], ...kept]);
    return [
      renamed(decodeGraph(graph.model), (name) => names.get(name) ?? `${inputs.modality}_encoder/${name}`),
    ];
  });
  return {
    node: [...encoders.flatMap(({ node }) => node!), ...head.node],
    initializer: [
      ...encoders.flatMap(({ initializer }) => initializer as typeof head.initializer),
      ...head.initializer,
    ],
  };
}
