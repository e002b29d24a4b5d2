/** Runs PyTorch in one process for the whole benchmark, so that no round includes its start. */
import { fileURLToPath } from "node:url";
import { badInput, UndertoneError } from "../../lib/errors.ts";
import type { PytorchCase, PytorchTensor } from "./case.ts";

export const HOW_TO_GET_PYTORCH =
  "Install it: python3 -m venv torch-venv && torch-venv/bin/pip install torch. " +
  "Then pass --python torch-venv/bin/python.";

/** The time of a round in ms: wall-clock, and CPU time over all cores. */
export interface Time {
  ms: number;
  cpu: number;
}

export interface Peer {
  /** PyTorch's version. */
  version: string;
  /** PyTorch's device: `cuda` or `cpu`. */
  device: string;
  /** Opens a case in PyTorch with these tensors. Returns the variants that this Python supports. */
  open(pytorch: PytorchCase, tensors: readonly PytorchTensor[]): Promise<readonly string[]>;
  check(variant: string): Promise<number[]>;
  /** Runs a round and returns its time. */
  round(variant: string): Promise<Time>;
  /** Returns the peak memory of the process in MB, or undefined if it is unknown. */
  peak(): Promise<number | undefined>;
  /** Frees the tensors. */
  close(): Promise<void>;
  /** Ends the process. */
  end(): Promise<void>;
}

export interface PeerOptions {
  threads: number;
  gpu?: boolean;
}

type Answer =
  & {
    error?: string;
    version?: string;
    device?: string;
    values?: number[];
    peak?: number;
    variants?: string[];
  }
  & Partial<Time>;

/**
 * Starts the PyTorch process, on CUDA if `gpu` is set and available. Throws bad input if `python` is not an
 * interpreter with PyTorch.
 */
export async function startPeer(python: string, { threads, gpu }: PeerOptions): Promise<Peer> {
  const program = fileURLToPath(new URL("./peer.py", import.meta.url));
  const refuse = (found: string, cause?: unknown) =>
    badInput(
      { expected: "a Python with PyTorch", found, at: `--python ${python}`, todo: HOW_TO_GET_PYTORCH },
      cause,
    );
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(python, {
      args: ["-B", "-W", "ignore", program, String(threads), ...gpu ? ["gpu"] : []],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
  } catch (cause) {
    throw refuse("no program that can be started", cause);
  }
  const input = child.stdin.getWriter(), lines = linesOf(child.stdout);
  const answer = async (): Promise<Answer> => {
    const { value, done } = await lines.next();
    return done ? { error: `it ended with exit code ${(await child.status).code}` } : JSON.parse(value);
  };
  const ask = async (
    request: Record<string, unknown>,
    tensors: readonly PytorchTensor[] = [],
  ): Promise<Answer> => {
    await input.write(new TextEncoder().encode(JSON.stringify(request) + "\n"));
    for (const { parts } of tensors) {
      for (const { buffer, byteOffset, byteLength } of parts) {
        await input.write(new Uint8Array(buffer, byteOffset, byteLength));
      }
    }
    const reply = await answer();
    if (reply.error) throw new UndertoneError(`PyTorch's side failed: ${reply.error}`, "internal");
    return reply;
  };

  const { version, device, error } = await answer();
  if (!version || !device) {
    await input.close();
    await child.status;
    throw refuse(error ?? "something else");
  }
  return {
    version,
    device,
    async open({ module, spec, variants }, tensors) {
      const listed = tensors.map(({ name, shape, parts }) => {
        return { name, shape, dtype: parts[0] instanceof Int32Array ? "int32" : "float32" };
      });
      const able = await ask({ do: "open", module, spec, tensors: listed }, tensors);
      return able.variants ?? variants;
    },
    check: async (variant) => (await ask({ do: "check", variant })).values!,
    round: async (variant) => (await ask({ do: "round", variant })) as Time,
    peak: async () => (await ask({ do: "peak" })).peak ?? undefined,
    close: async () => void await ask({ do: "close" }),
    async end() {
      await input.close().catch(() => {}); // it may have ended by itself
      await lines.return(undefined);
      await child.status;
    },
  };
}

/** Yields the lines of a stream. */
export async function* linesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string, void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}
