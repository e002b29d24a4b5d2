/** Recognises git-lfs pointers: small texts that stand for a large file until git-lfs fetches it. */
import { badInput } from "../errors.ts";

/** The start of every pointer. */
const START = new TextEncoder().encode("version https://git-lfs.github.com/spec/");

/** Whether `bytes`, the start of a file or all of it, are a pointer. */
const isPointer = (bytes: Uint8Array): boolean =>
  bytes.length >= START.length && START.every((byte, i) => bytes[i] === byte);

/**
 * Throws UndertoneError, with the cause if given, if `bytes`, the start of the file `at` or all of it, are a
 * git-lfs pointer.
 */
export function requireNoPointer(bytes: Uint8Array, at: string, cause?: unknown): void {
  if (!isPointer(bytes)) return;
  throw badInput({
    expected: "the file itself",
    found: "a git-lfs pointer to it",
    at,
    todo: "Run 'git lfs install' and 'git lfs pull' in its repository, or fetch the file again.",
  }, cause);
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
