/** Recognises git-lfs pointers: small texts that stand for a large file until git-lfs fetches it. */
import { badInput } from "../errors.ts";

/** The start of every pointer. */
const START = new TextEncoder().encode("version https://git-lfs.github.com/spec/");

/** Whether `bytes`, the start of a file or all of it, are a pointer. */
export const isPointer = (bytes: Uint8Array): boolean =>
  bytes.length >= START.length && START.every((byte, i) => bytes[i] === byte);

/** What is found in place of a file, and what to do. */
export const POINTER = {
  found: "a git-lfs pointer to it",
  todo: "Run 'git lfs install' and 'git lfs pull' in its repository, or fetch the file again.",
};

/** Throws UndertoneError if `bytes`, the start of the file `at` or all of it, are a git-lfs pointer. */
export function requireNoPointer(bytes: Uint8Array, at: string): void {
  if (isPointer(bytes)) throw badInput({ expected: "the file itself", at, ...POINTER });
}

/** Throws UndertoneError if the file at `path` is a git-lfs pointer. Throws the errors of Deno. */
export async function requireFetched(path: string): Promise<void> {
  using file = await Deno.open(path);
  const start = new Uint8Array(START.length), count = await file.read(start) ?? 0;
  requireNoPointer(start.subarray(0, count), path);
}

/** What a git-lfs pointer says of its file. */
export interface LfsPointer {
  /** `sha256:…` of the file's bytes. */
  checksum: string;
  size: number;
}

/** Returns what a pointer says, or undefined if the bytes are none. */
export function lfsPointer(bytes: Uint8Array): LfsPointer | undefined {
  if (!isPointer(bytes) || bytes.length > 1024) return undefined;
  const text = new TextDecoder().decode(bytes);
  const [, checksum] = /^oid (sha256:[0-9a-f]{64})$/m.exec(text) ?? [],
    [, size] = /^size (\d+)$/m.exec(text) ?? [];
  return checksum && size ? { checksum, size: Number(size) } : undefined;
}
