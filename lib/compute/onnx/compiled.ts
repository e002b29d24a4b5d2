/**
 * The compiled graphs of an engine: one for each of the first shapes of a step, then a general one for all.
 */
import { debug, debugLog } from "../debug.ts";
import type { EngineStats } from "../stats.ts";
import { encodeModel } from "./compile.ts";
import { bytesOf, footprint } from "./footprint.ts";
import { type Family, familyOf, type Form, formOf, type Planned, structureOf } from "./general.ts";
import { graphText } from "./graph_text.ts";
import type { Memory } from "./memory.ts";
import type { MemoryUse, Session } from "./runtime.ts";
import { isPlanned, type Needs, type Sessions } from "./sessions.ts";
import type { NativeTensor } from "./value.ts";

export interface CompiledGraphs {
  /** Whether a graph with this signature can run without being compiled. */
  has(signature: string): boolean;
  /** Returns what graphs with the same nodes in other shapes have in common with this compiled one. */
  structure(signature: string): string;
  /** Returns a graph to run now. */
  get(signature: string): Session | undefined;
  /** Compiles a graph, unless a general one computes it. */
  compile(graph: Planned): Session;
}

/** A graph in one shape, and the compiled graph that computes it. */
interface Member {
  structure: string;
  form: Form;
  /** Key of its session: its own signature, or the structure that it shares with others. */
  key: string;
  /** Constants of its shape that the general graph takes as inputs, and the family that has these inputs. */
  given?: { family: Family; tensors: Record<string, NativeTensor> };
}

/** The shapes of one structure. */
interface Shapes {
  family: Family;
  /** Signatures of those that have a graph of their own; undefined once they share a general one. */
  alone?: ReadonlySet<string>;
  /** Most bytes of intermediate values. */
  values: number;
  /** Whether ONNX Runtime refused a general graph. */
  refused?: boolean;
}

/**
 * Most shapes of one structure with graphs of their own. A planned graph saves a twentieth of its time, but
 * every plan takes memory, and every graph takes time to compile.
 */
const MOST_PLANNED = 8, MOST_UNPLANNED = 1;
/** Least bytes of values for which a second plan is worth it. */
const LEAST_VALUES = 2 ** 20;

/** Most shapes and structures that are remembered. */
const MOST = 512;

export function compiledGraphs(memory: Memory, sessions: Sessions, stats: EngineStats): CompiledGraphs {
  const members = new Map<string, Member>(), structures = new Map<string, Shapes>();

  const get = (signature: string): Session | undefined => {
    const member = members.get(signature), session = member && sessions.get(member.key);
    if (!session || member.key === signature) return session;
    const { family } = structures.get(member.structure)!;
    if (member.given?.family !== family) member.given = { family, tensors: tensorsOf(member.form, family) };
    const { tensors } = member.given;
    return { ...session, run: (feeds, fetches) => session.run(Object.assign(feeds, tensors), fetches) };
  };

  const tensorsOf = ({ constants }: Form, { places, inputOf }: Family) =>
    Object.fromEntries(places.map((place) => [inputOf(place)!, memory.constant!(constants[place])]));

  const add = (key: string, needs: Needs, { order, feeds, wanted }: Planned, open?: Family) =>
    sessions.add(key, needs, (use: MemoryUse) => {
      const model = encodeModel(order, feeds, wanted, { unreadable: memory.writesInPlace, open });
      return memory.compile(model, wanted, use);
    });

  /** Lets a general graph compute this one too. Returns whether there is one. */
  const generalise = (structure: string, form: Form, needs: Needs, graph: Planned): boolean => {
    const known = structures.get(structure);
    const most = isPlanned(needs) && needs.values >= LEAST_VALUES ? MOST_PLANNED : MOST_UNPLANNED;
    if (!known || known.refused || known.alone && known.alone.size < most) return false;
    if (sessions.has(structure) && !sessions.grow(structure, needs.values)) return false;
    known.values = Math.max(known.values, needs.values);
    if (sessions.has(structure) && known.family.covers(form)) return true;
    const family = known.family.covers(form) ? known.family : known.family.with(form);
    sessions.drop(structure);
    try {
      add(structure, { values: known.values, inputs: 0 }, graph, family);
    } catch (error) {
      if (debug.graph) debugLog("graph", `no general graph: ${(error as Error).message}`);
      known.refused = true;
      return false;
    }
    known.family = family;
    stats.compiles++;
    for (const signature of known.alone ?? []) {
      const member = members.get(signature);
      if (member) member.key = structure;
      sessions.drop(signature);
    }
    known.alone = undefined;
    return true;
  };

  /** Remembers a shape with a graph of its own, unless its structure has a general one. */
  const rememberAlone = (structure: string, signature: string, form: Form, values: number) => {
    const known = structures.get(structure);
    if (known && !known.alone) return;
    keep(structures, structure, {
      family: known?.family.with(form) ?? familyOf(form),
      alone: new Set(known?.alone).add(signature),
      values: Math.max(known?.values ?? 0, values),
      refused: known?.refused,
    });
  };

  return {
    has: (signature) => members.has(signature) && sessions.has(members.get(signature)!.key),
    structure: (signature) => members.get(signature)!.structure,
    get,
    compile(graph) {
      const start = performance.now(), { signature, order, feeds, wanted } = graph;
      if (debug.graph) debugLog("graph", graphText(order, wanted));
      const structure = structureOf(graph), form = formOf(graph);
      const inputs = feeds.reduce((total, value) => total + bytesOf(value), 0);
      const needs = { values: footprint(order, wanted), inputs };
      const general = generalise(structure, form, needs, graph);
      if (!general) {
        const session = add(signature, needs, graph);
        stats.compiles++;
        if (session.usesHost) stats.graphsUsingHost++;
        if (memory.constant) rememberAlone(structure, signature, form, needs.values);
      }
      keep(members, signature, { structure, form, key: general ? structure : signature });
      stats.compileMs += performance.now() - start;
      return get(signature)!;
    },
  };
}

/** Keeps an entry, and drops the oldest of too many. */
function keep<T>(entries: Map<string, T>, key: string, entry: T): void {
  entries.delete(key);
  entries.set(key, entry);
  if (entries.size > MOST) entries.delete(entries.keys().next().value!);
}
