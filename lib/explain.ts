/**
 * Explains errors of the system, such as no memory, a full disk or a removed folder: what asked for it, and
 * what to do.
 */
import { badInput, UndertoneError } from "./errors.ts";

/** How V8, WebAssembly, C++, ONNX Runtime, TensorFlow and WebGPU say that memory ran out. */
const NO_MEMORY = new RegExp(
  [
    "array buffer allocation failed",
    "invalid (array|typed array|string) length",
    "invalid array buffer length",
    "cannot create a buffer larger than",
    "(map|set) maximum size exceeded",
    "webassembly\\.\\w+(\\.grow)?\\(\\): .*(memory|upper bound)",
    "bad[ _]alloc",
    "failed to allocate memory",
    "out of memory",
    "cannot allocate memory",
    "enomem",
    "resource ?exhausted",
    "oom when allocating",
    "failed to allocate (gpu )?buffer",
  ].join("|"),
  "i",
);

/** Advice for the codes of file errors. Each must be true when a file can't be written, or read, or made. */
const ADVICE: Record<string, string> = {
  ENOSPC: "Free disk space, or choose another path.",
  EDQUOT: "Your quota is used up: free disk space, or choose another path.",
  EROFS: "Choose another path, or mount this file system for writing.",
  EACCES: "Choose another path, or change its permissions.",
  EPERM: "Choose another path, or change its permissions.",
  ENOENT: "Check the path. If it was there before, it was removed or renamed meanwhile.",
  EISDIR: "Choose another path, or move the folder that is in its place.",
  ENOTDIR: "Choose another path, or move the file that is in the place of a folder.",
  EEXIST: "Choose another path, or move what is in its place.",
  ENOTEMPTY: "Choose another path, or move the folder that is in its place.",
  ENAMETOOLONG: "Choose a shorter path.",
  ELOOP: "Choose another path: this one is a symbolic link that points at itself.",
  EMFILE: "Raise the number of open files with `ulimit -n 4096`, and start again.",
  ENFILE: "The machine has too many open files: close other programs, and start again.",
  EBUSY: "Close the program that uses it, or choose another path.",
  EFBIG: "Choose another path: the file is too large for this file system.",
  EIO: "Check the disk or the network share, which fails.",
  ESTALE: "Check the network share, whose file was removed or replaced.",
};

/** Advice for other file errors. */
const OTHER = "Choose another path, or check its permissions and the free disk space.";

/** Advice if memory runs out where an encoder reads rows. */
export const SMALLER_INPUTS = "Use shorter clips and texts or a smaller encoder, or close other programs.";

/** Returns what to do about an error of a file. */
export const fileAdvice = (cause: unknown): string => ADVICE[codeOf(cause) ?? ""] ?? OTHER;

/** Returns whether memory ran out. An error that wraps another one counts as that one. */
export function isOutOfMemory(error: unknown): boolean {
  if (!(error instanceof Error) || isRefusal(error)) return false;
  return NO_MEMORY.test(error.message) && !/length: -|length: NaN/.test(error.message) ||
    isOutOfMemory(error.cause);
}

/** Returns whether a file or folder could not be used. A refusal counts if it has such an error as cause. */
export function isFileError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return codeOf(error) !== undefined || error instanceof Deno.errors.NotCapable || isFileError(error.cause);
}

/**
 * Returns an error of the system as bad input. `asked` is what needed memory or files, as a noun: "a batch of
 * 32 rows". `todo` is the advice if memory ran out. Other errors are returned as they are.
 */
export function explained(error: unknown, asked: string, todo: string): unknown {
  if (error instanceof SuppressedError) {
    const first = explained(error.suppressed, asked, todo), then = explained(error.error, asked, todo);
    if (!isRefusal(first) || !isRefusal(then)) return first;
    return new UndertoneError(`${first.message} ${then.message}`, "input", { cause: error });
  }
  if (!(error instanceof Error) || isRefusal(error)) return error;
  if (isOutOfMemory(error)) {
    const found = `out of memory (${firstLine(error.message)})`;
    return badInput({ expected: `enough memory for ${asked}`, found, at: "this machine", todo }, error);
  }
  if (!isFileError(error) || error instanceof UndertoneError) return error;
  const isForbidden = error instanceof Deno.errors.NotCapable;
  return badInput({
    expected: "files that can be read and written",
    found: firstLine(error.message),
    at: asked,
    todo: isForbidden
      ? "Start it with `deno task`, which gives the permissions, or allow it with Deno's flags."
      : fileAdvice(error),
  }, error);
}

/** Runs a job. Throws its errors of the system as `explained` does. */
export async function asking<T>(asked: string, todo: string, job: () => T | Promise<T>): Promise<T> {
  try {
    return await job();
  } catch (error) {
    throw explained(error, asked, todo);
  }
}

/** Returns whether an error is written for the user already. */
const isRefusal = (error: unknown): error is UndertoneError =>
  error instanceof UndertoneError && error.code === "input";

/** Returns the code of a system's error, such as ENOSPC. */
function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && code in ADVICE ? code : undefined;
}

const firstLine = (text: string): string => text.split("\n")[0].slice(0, 300);
