/**
 * One graph for many shapes. Graphs of a step on batches of other lengths have the same nodes and differ only
 * in sizes: those of their inputs, and those in constants, e.g. of Reshape. A general graph leaves these
 * sizes open, and takes these constants as inputs. It computes the same bits as a graph of one shape.
 */
import { type Constant, type Node, Value } from "./value.ts";

/** A graph to compile. All values have slots. */
export interface Planned {
  signature: string;
  order: readonly Node[];
  feeds: readonly Value[];
  wanted: readonly Value[];
}

/** What may differ between graphs of one structure. */
export interface Form {
  /** Constants in the order of the nodes that read them. */
  constants: readonly Constant[];
  /** Shapes of the inputs, then of the outputs. */
  shapes: readonly (readonly number[])[];
}

/** What a general graph leaves open, for `encodeModel`. */
export interface Openness {
  /** Returns the name of the input that gives the constant at this place; undefined if the graph has it. */
  inputOf(place: number): string | undefined;
  /** The constants that are inputs: their places. Those that were equal in each form share an input. */
  places: readonly number[];
  /** Shapes as in a form; -1 for an open size. */
  shapes: readonly (readonly number[])[];
}

/** The forms that one general graph computes. */
export interface Family extends Openness {
  /** Whether the general graph computes this form. */
  covers(form: Form): boolean;
  /** Returns a family of these forms and of this one. */
  with(form: Form): Family;
}

export const formOf = ({ order, feeds, wanted }: Planned): Form => ({
  constants: order.flatMap(({ inputs }) =>
    inputs.filter((each): each is Constant => !(each instanceof Value))
  ),
  shapes: [...feeds, ...wanted].map(({ shape }) => shape),
});

/** Writes what graphs of one structure have in common. */
export function structureOf({ order, feeds, wanted }: Planned): string {
  let text = "";
  for (const { op, attributes, inputs, outputs } of order) {
    text += op;
    for (const { name, value } of attributes) text += `,${name}=${value}`;
    for (const input of inputs) {
      // A list of 64-bit integers may be a shape: as long as the result has axes.
      if (input instanceof Value) text += ` ${input.slot}`;
      else text += ` ${input.dtype}${input.dtype === "int64" ? input.length : input.length === undefined}`;
    }
    for (const { slot, dtype } of outputs) text += `=${slot}${dtype[0]}`;
    text += "\n";
  }
  for (const { slot, dtype, shape } of feeds) text += `<${slot}${dtype[0]}${shape.length}`;
  for (const { slot } of wanted) text += `>${slot}`;
  return text;
}

/** Returns the family of a single form. */
export function familyOf({ constants, shapes }: Form): Family {
  return family(constants, leadersOf(constants.map(contentOf)), new Set(), shapes);
}

/**
 * `leaders` gives for each constant the first of those that were equal to it in each form; `open` are the
 * leaders whose values differ between forms.
 */
function family(
  constants: readonly Constant[],
  leaders: readonly number[],
  open: ReadonlySet<number>,
  shapes: Form["shapes"],
): Family {
  const inputOf = (place: number) => open.has(leaders[place]) ? `k${leaders[place]}` : undefined;
  return {
    inputOf,
    places: [...open],
    shapes,
    covers: (form) =>
      form.constants.every((constant, i) =>
        same(constant, open.has(leaders[i]) ? form.constants[leaders[i]] : constants[i])
      ) && form.shapes.every((shape, i) =>
        shape.every((size, axis) =>
          size === shapes[i][axis] || shapes[i][axis] < 0
        )
      ),
    with(form) {
      const split = leadersOf(leaders.map((leader, i) => `${leader} ${contentOf(form.constants[i])}`));
      const differs = split.filter((leader) =>
        open.has(leaders[leader]) || !same(constants[leader], form.constants[leader])
      );
      const sizes = shapes.map((shape, i) =>
        shape.map((size, axis) => size === form.shapes[i][axis] ? size : -1)
      );
      return family(constants, split, new Set(differs), sizes);
    },
  };
}

/** Returns for each text the place of the first one that is equal. */
function leadersOf(texts: readonly string[]): number[] {
  const first = new Map<string, number>();
  return texts.map((text, place) => {
    if (!first.has(text)) first.set(text, place);
    return first.get(text)!;
  });
}

const contentOf = ({ dtype, length, values }: Constant): string => `${dtype}${length ?? ""}:${values}`;

const same = (a: Constant, b: Constant): boolean =>
  a === b || (a.dtype === b.dtype && a.length === b.length && a.values.length === b.values.length &&
    a.values.every((value, i) => Object.is(value, b.values[i])));
