/** The names of evaluation protocols. */
import { badInput } from "../../errors.ts";

/** The kinds of protocol: one division, or several folds of which each tests a model of its own. */
export type ProtocolKind = "split" | "all" | "kfold" | "loso" | "lodo" | "session" | "emobox";

/** A protocol: how a data set is divided to train and to test. */
export interface Protocol {
  kind: ProtocolKind;
  /** Number of folds of `kfold`. */
  k?: number;
  /** Seed of all that is drawn: the folds of `kfold`, and each fold's dev rows. */
  seed: number;
}

/** The form of a protocol's name: `kfold:5`, or `kfold:5:7` for seed 7. */
export const PROTOCOL = /^(?:(split|all|loso|lodo|session|emobox)|kfold:(\d+)(?::(\d+))?)$/;

/** The names, for help and errors. */
export const PROTOCOLS = "split, all, kfold:<folds>, loso, lodo, session or emobox";

/** Returns whether a protocol has folds, of which one is chosen or all run. */
export const hasFolds = (name: string): boolean => !["split", "all"].includes(protocolNamed(name).kind);

/** Returns the protocol of this name. Throws UndertoneError if there is none. */
export function protocolNamed(name: string, at = "the protocol"): Protocol {
  const [found, kind, folds, seed = "0"] = PROTOCOL.exec(name) ?? [];
  if (kind) return { kind: kind as ProtocolKind, seed: 0 };
  const k = Number(folds);
  if (found && k >= 2 && k <= 1000) return { kind: "kfold", k, seed: Number(seed) };
  throw badInput({
    expected: found ? "2 to 1000 folds" : PROTOCOLS,
    found: `'${name}'`,
    at,
    todo: "Write, for example, kfold:5.",
  });
}
