/** Versions of the embedded speech encoders, which their names tell: `acoustic@2`. */
import { STORED } from "./stored/name.ts";

/**
 * Returns the names of the speech encoders that a name concatenates. A path of stored features may have a
 * `+`.
 */
export const partsOf = (name: string): string[] => name.startsWith(`${STORED}:`) ? [name] : name.split("+");

/**
 * Encoders of several versions: the one that a name without a version means today, and meant in old files.
 */
const VERSIONED: Readonly<Record<string, { current: string; first: string }>> = {
  acoustic: { current: "acoustic@2", first: "acoustic@1" },
};

const named = (name: string, version: "current" | "first"): string =>
  partsOf(name).map((part) => Object.hasOwn(VERSIONED, part) ? VERSIONED[part][version] : part).join("+");

/** Returns the full name of a speech encoder: `acoustic` is `acoustic@2`. */
export const currentVersion = (name: string): string => named(name, "current");

/**
 * Returns the full name of a speech encoder that a run folder or checkpoint names. New ones have full names,
 * so `acoustic` is `acoustic@1`.
 */
export const savedVersion = (name: string): string => named(name, "first");

/** Returns a name without versions, for files that a fingerprint tells apart. */
export const withoutVersions = (name: string): string =>
  partsOf(name).map((part) => part.replace(/^(\w+)@\d+$/, "$1")).join("+");
