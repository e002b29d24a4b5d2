/** Writes hidden states as a file for other programs. */
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { Features, FrozenEncoder, Modality } from "../encoders/mod.ts";
import { badInput } from "../errors.ts";
import { encodeSafetensors, type RawTensor, requireWritable, writeFileAtomic } from "../files/mod.ts";

/**
 * The version of the file. It changes when names or metadata change their meaning. The encoder
 * `features:<path>` reads such files.
 */
const FORMAT = "undertone-states-1";
const MOST_BYTES = 2 ** 31;

/** Throws bad input unless a safetensors file can be written at `path`. */
export async function requireStatesPath(path: string, overwrite: boolean): Promise<void> {
  const at = "--to";
  if (!path.endsWith(".safetensors")) {
    throw badInput({
      expected: "the path of a file that ends in .safetensors",
      found: `'${path}'`,
      at,
      todo: "Write, for example, --to states.safetensors.",
    });
  }
  if (existsSync(path) && !overwrite) {
    throw badInput({
      expected: "a path without a file",
      found: "an existing file",
      at: path,
      todo: "Choose another path with --to, or replace the file with --overwrite.",
    });
  }
  await requireWritable(dirname(path));
}

/**
 * Writes the states of every row as `text/<id>` and `audio/<id>`, float32 `[L,D]`, unscaled. The metadata
 * name each modality's encoder, its fingerprint and its width. Returns the size in bytes. Throws
 * UndertoneError.
 */
export async function writeStates(
  path: string,
  features: Pick<Features, Modality>,
  encoders: Partial<Record<Modality, FrozenEncoder<never>>>,
): Promise<number> {
  const tensors: Record<string, RawTensor> = {}, metadata: Record<string, string> = { format: FORMAT };
  let size = 0;
  for (
    const [modality, encoder] of Object.entries(encoders) as [Modality, FrozenEncoder<never> | undefined][]
  ) {
    if (!encoder) continue;
    const { id, fingerprint, width, rate } = encoder;
    metadata[modality] = JSON.stringify({ encoder: id, fingerprint, width, rate });
    for (const [row, { data, length }] of features[modality] ?? []) {
      tensors[`${modality}/${row}`] = { shape: [length, width], data };
      size += data.byteLength;
    }
  }
  if (size > MOST_BYTES) {
    throw badInput({
      expected: "at most 2 GB of hidden states for one file",
      found: `${(size / 1e9).toFixed(1)} GB`,
      at: path,
      todo: "Split the data set, or leave a modality out with --text none or --audio none.",
    });
  }
  const bytes = encodeSafetensors(tensors, metadata);
  await writeFileAtomic(path, bytes);
  return bytes.length;
}
