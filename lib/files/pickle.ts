/**
 * Reads the part of Python's pickle format that describes data. It runs no code: a global is only a name, and
 * `Meaning` decides what a call of that name gives. Every other operation is refused by its name.
 */

/** A fault in a pickle, or an operation that is not supported. Its message is the `found` of an error. */
export class PickleFault extends Error {}

/** A name of a Python object, `module.name`. */
export class Global {
  constructor(readonly name: string) {}
}

/** What a file's globals and persistent ids stand for. Each may throw PickleFault. */
export interface Meaning {
  /** Called with a global's name before it is used. */
  requireGlobal(name: string): void;
  /** Returns what a call of the global gives. */
  call(name: string, args: readonly unknown[]): unknown;
  /** Returns what a persistent id stands for. */
  persistent(id: unknown): unknown;
  /** Sets an object's attributes. */
  build(object: unknown, state: unknown): void;
}

const fail = (found: string): never => {
  throw new PickleFault(found);
};

/** Names of the operations that are refused. */
const REFUSED: Record<string, string> = Object.fromEntries(
  ("0:POP 1:POP_MARK 2:DUP F:FLOAT I:INT L:LONG P:PERSID S:STRING T:BINSTRING U:SHORT_BINSTRING V:UNICODE " +
    "d:DICT g:GET i:INST l:LIST o:OBJ p:PUT B:BINBYTES C:SHORT_BINBYTES \x81:NEWOBJ \x82:EXT1 \x83:EXT2 " +
    "\x84:EXT4 \x8b:LONG4 \x8d:BINUNICODE8 \x8e:BINBYTES8 \x8f:EMPTY_SET \x90:ADDITEMS \x91:FROZENSET " +
    "\x92:NEWOBJ_EX \x96:BYTEARRAY8 \x97:NEXT_BUFFER \x98:READONLY_BUFFER").split(" ")
    .map((pair) => [pair[0], pair.slice(2)]),
);

/** Reads bytes in order, and never beyond their end. */
class Reader {
  at = 0;
  private view: DataView;
  constructor(private bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  take(length: number): number {
    const start = this.at;
    if (start + length > this.bytes.length) fail("a pickle that is cut");
    this.at += length;
    return start;
  }
  uint8 = () => this.view.getUint8(this.take(1));
  uint16 = () => this.view.getUint16(this.take(2), true);
  uint32 = () => this.view.getUint32(this.take(4), true);
  int32 = () => this.view.getInt32(this.take(4), true);
  /** A float is big-endian. */
  float64 = () => this.view.getFloat64(this.take(8));
  skip8 = () => void this.take(8);
  text(length: number): string {
    const start = this.take(length);
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
        .decode(this.bytes.subarray(start, this.at));
    } catch {
      return fail("text in a pickle that is not UTF-8");
    }
  }
  line(): string {
    const end = this.bytes.indexOf(10, this.at);
    if (end < 0) fail("a pickle that is cut");
    const line = this.text(end - this.at);
    this.at++;
    return line;
  }
  /** An integer of up to 8 bytes, little-endian, two's complement. */
  integer(length: number): number {
    if (length > 8) fail(`an integer of ${length} bytes in a pickle`);
    let value = 0n;
    const start = this.take(length);
    for (let i = length - 1; i >= 0; i--) value = value << 8n | BigInt(this.bytes[start + i]);
    const signed = Number(BigInt.asIntN(8 * length, value));
    return Number.isSafeInteger(signed) ? signed : fail("an integer in a pickle beyond 53 bits");
  }
}

/**
 * Returns the object in a pickle: dictionaries as Map, lists and tuples as arrays, None as null. Throws
 * PickleFault.
 */
export function unpickle(bytes: Uint8Array, meaning: Meaning): unknown {
  const reader = new Reader(bytes), memo = new Map<number, unknown>();
  let stack: unknown[] = [];
  const outer: unknown[][] = [];
  const pop = (): unknown => stack.length ? stack.pop() : fail("a pickle whose stack is empty");
  const top = (): unknown => stack.length ? stack[stack.length - 1] : fail("a pickle whose stack is empty");
  const sinceMark = (): unknown[] => {
    const items = stack;
    stack = outer.pop() ?? fail("a pickle without a mark");
    return items;
  };
  const tuple = (length: number): unknown[] =>
    stack.length < length ? fail("a pickle whose stack is empty") : stack.splice(stack.length - length);
  const global = (name: string) => {
    meaning.requireGlobal(name);
    return new Global(name);
  };
  const textOf = (value: unknown): string =>
    typeof value === "string" ? value : fail("a name that is no text");
  const recall = (index: number): unknown =>
    memo.has(index) ? memo.get(index) : fail(`the pickle's object ${index}, which it does not have`);
  const setItems = (items: unknown[]): void => {
    const map = top();
    if (!(map instanceof Map) || items.length % 2) return fail("items of something that is no dictionary");
    for (let i = 0; i < items.length; i += 2) map.set(items[i], items[i + 1]);
  };
  const append = (items: unknown[]): void => {
    const list = top();
    if (!Array.isArray(list)) return fail("items of something that is no list");
    for (const item of items) list.push(item);
  };
  const reduce = (): unknown => {
    const args = pop(), called = pop();
    if (!(called instanceof Global) || !Array.isArray(args)) {
      return fail("a call of something that is no name");
    }
    return meaning.call(called.name, args);
  };
  const operations: Record<string, () => void> = {
    "\x80": () => reader.uint8() > 5 && fail("a pickle of a protocol above 5"), // PROTO
    "\x95": reader.skip8, // FRAME
    "(": () => void (outer.push(stack), stack = []), // MARK
    "}": () => void stack.push(new Map()), // EMPTY_DICT
    "]": () => void stack.push([]), // EMPTY_LIST
    ")": () => void stack.push([]), // EMPTY_TUPLE
    "t": () => { // TUPLE
      const items = sinceMark();
      stack.push(items);
    },
    "\x85": () => void stack.push(tuple(1)), // TUPLE1, 2, 3
    "\x86": () => void stack.push(tuple(2)),
    "\x87": () => void stack.push(tuple(3)),
    "N": () => void stack.push(null), // NONE
    "\x88": () => void stack.push(true), // NEWTRUE
    "\x89": () => void stack.push(false), // NEWFALSE
    "K": () => void stack.push(reader.uint8()), // BININT1
    "M": () => void stack.push(reader.uint16()), // BININT2
    "J": () => void stack.push(reader.int32()), // BININT
    "\x8a": () => void stack.push(reader.integer(reader.uint8())), // LONG1
    "G": () => void stack.push(reader.float64()), // BINFLOAT
    "X": () => void stack.push(reader.text(reader.uint32())), // BINUNICODE
    "\x8c": () => void stack.push(reader.text(reader.uint8())), // SHORT_BINUNICODE
    "q": () => void memo.set(reader.uint8(), top()), // BINPUT
    "r": () => void memo.set(reader.uint32(), top()), // LONG_BINPUT
    "\x94": () => void memo.set(memo.size, top()), // MEMOIZE
    "h": () => void stack.push(recall(reader.uint8())), // BINGET
    "j": () => void stack.push(recall(reader.uint32())), // LONG_BINGET
    "c": () => { // GLOBAL
      const module = reader.line(), name = reader.line();
      stack.push(global(`${module}.${name}`));
    },
    "\x93": () => { // STACK_GLOBAL
      const name = textOf(pop()), module = textOf(pop());
      stack.push(global(`${module}.${name}`));
    },
    "R": () => void stack.push(reduce()), // REDUCE
    "Q": () => void stack.push(meaning.persistent(pop())), // BINPERSID
    "s": () => setItems(tuple(2)), // SETITEM
    "u": () => setItems(sinceMark()), // SETITEMS
    "a": () => append(tuple(1)), // APPEND
    "e": () => append(sinceMark()), // APPENDS
    "b": () => { // BUILD
      const state = pop();
      meaning.build(top(), state);
    },
  };
  while (true) {
    const code = String.fromCharCode(reader.uint8());
    if (code === ".") return pop();
    const run = Object.hasOwn(operations, code) ? operations[code] : undefined;
    if (!run) {
      const byte = code.charCodeAt(0).toString(16).padStart(2, "0");
      fail(`the pickle operation ${REFUSED[code] ?? `of byte ${byte}`}, which is not supported`);
    }
    run!();
  }
}
