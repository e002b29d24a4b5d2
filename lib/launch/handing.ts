/**
 * How a launch on this machine hands parts to its processes. A process is started with its first part, as any
 * scheduler would start it. When the part is complete it says so, and reads the next one from its standard
 * input: so it starts once for many parts. Standard input also ends with the launch, and the process then
 * stops.
 */
import { badInput } from "../errors.ts";
import { commandOf, type JobArray } from "./array.ts";

/** The variable that tells a process that a launch hands parts to it. */
const ATTENDED = "UNDERTONE_ATTENDED";

/** What a process writes to both of its streams after each part that is complete. */
const COMPLETE = 0x1e;

/** A part that is handed out. */
export interface HandedPart {
  /** Its number. */
  number: number;
  /** Whether it was complete before, and all others are, too. */
  again: boolean;
}

/** The parts that a launch hands to this process after its first one. */
export interface Handed {
  /** Aborted when the launch wants this process to stop, or has ended. */
  signal: AbortSignal;
  /** Says that a part is complete, and returns the next one; undefined if none is left. */
  next(): Promise<HandedPart | undefined>;
}

/** Returns what is handed to this process; undefined if no launch on this machine has started it. */
export function handedParts(): Handed | undefined {
  if (!Deno.env.get(ATTENDED)) return undefined;
  const end = new AbortController();
  let given = Promise.withResolvers<HandedPart | undefined>();
  (async () => {
    const line = new Uint8Array(64); // a launch writes one line, and waits until its part is complete
    for (let n = await Deno.stdin.read(line); n !== null; n = await Deno.stdin.read(line)) {
      const [number, again] = new TextDecoder().decode(line.subarray(0, n)).trim().split(" ");
      given.resolve({ number: Number(number), again: again === "again" });
    }
    given.resolve(undefined);
    end.abort();
  })();
  return {
    signal: end.signal,
    async next() {
      for (const stream of [Deno.stdout, Deno.stderr]) stream.writeSync(Uint8Array.of(COMPLETE));
      const part = await given.promise;
      given = Promise.withResolvers();
      return part;
    },
  };
}

/** How a process of an array is started, and what it is told. */
export interface ProcessOptions {
  threads: number;
  /** Returns the log of a part. */
  log(part: number): string;
  /** Returns the next part; undefined if none is left. */
  next(): Promise<HandedPart | undefined>;
  /** Stops the process at its next safe place. */
  signal?: AbortSignal;
  /** Called when a part has ended, with its exit code. */
  onEnd(part: HandedPart, code: number): void;
}

/**
 * Starts a process and hands it parts, the first being `part`, until none is left or one fails: a part that
 * fails ends its process. Throws UndertoneError if Deno can't be started.
 */
export async function handParts(
  array: JobArray,
  part: HandedPart,
  { threads, log, next, signal, onEnd }: ProcessOptions,
): Promise<void> {
  const child = start([...commandOf(array, part.number), `--threads=${threads}`]);
  const copies = [child.stdout, child.stderr].map(copierOf), input = child.stdin.getWriter();
  const stop = () => void input.close().catch(() => {}); // it has just ended
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop, { once: true });
  try {
    for (let own: HandedPart | undefined = part; own;) {
      const path = log(own.number), areComplete = await Promise.all(copies.map((copy) => copy(path)));
      const isComplete = areComplete.every(Boolean);
      onEnd(own, isComplete ? 0 : (await child.status).code);
      if (!isComplete) return;
      own = await next();
      const line = own && new TextEncoder().encode(`${own.number}${own.again ? " again" : ""}\n`);
      if (line) await input.write(line).catch(() => {});
      else if (!signal?.aborted) stop();
      if (!line) await Promise.all(copies.map((copy) => copy(path))); // its last words
    }
    await child.status;
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

/**
 * Returns a function that appends a stream to a file, up to the end of a part. It returns whether the part is
 * complete; the stream has ended otherwise.
 */
function copierOf(stream: ReadableStream<Uint8Array>): (path: string) => Promise<boolean> {
  const reader = stream.getReader();
  let rest = new Uint8Array(0);
  return async (path) => {
    for (;;) {
      const end = rest.indexOf(COMPLETE), text = end < 0 ? rest : rest.subarray(0, end);
      await Deno.writeFile(path, text, { append: true });
      rest = rest.subarray(end < 0 ? rest.length : end + 1);
      if (end >= 0) return true;
      const { value, done } = await reader.read();
      if (done) return false;
      rest = new Uint8Array(value);
    }
  };
}

/** Starts Deno. Without a terminal of their own, the processes write plain lines. */
function start(args: string[]): Deno.ChildProcess {
  try {
    return new Deno.Command("deno", {
      args,
      env: { [ATTENDED]: "1", NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw badInput({
      expected: "the program deno, which runs each part",
      found: "none on the PATH",
      at: "--launch local",
      todo: "Install Deno, or start the task with npx -y deno, which puts it on the PATH.",
    }, cause);
  }
}
