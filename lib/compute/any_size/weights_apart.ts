/** Takes large weights out of a graph, so that the bytes of its model hold no copy of them. */
import { basename, dirname } from "node:path";
import type { Nodes } from "./nodes.ts";

/** Large weights outside a model's bytes, which ONNX Runtime reads where they lie: in files, or in memory. */
export interface Apart {
  /** The folder of the files. */
  folder?: string;
  /** Weights in memory, by names as if they were files. */
  inMemory?: { path: string; data: Uint8Array }[];
}

/** Where the bytes of a weight begin. */
interface Place {
  path: string;
  offset: number;
}

type Tensor = Nodes["proto"]["initializer"][number];

/** Least bytes of a weight that lies apart. */
const LEAST_APART = 2 ** 12;
/** Most bytes of weights within a model's bytes, which protobuf limits to 2 GB. */
const MOST_WITHIN = 2 ** 30;

/** Operators whose second input ONNX Runtime arranges anew when it opens a model, if it is a constant. */
const PRODUCTS: ReadonlySet<string> = new Set(["MatMul", "Gemm", "FusedMatMul"]);

/**
 * Returns a graph without its large weights, and where these lie. `placeOf` tells the file of a weight of so
 * many bytes, if it lies in one. Only factors of products stay in their file: ONNX Runtime copies them, and
 * would go on reading any other weight there, although the file may change. It reads either files or memory:
 * if some weights lie in files of a folder, the others stay within the graph.
 */
export function weightsApart(
  { node, initializer }: Nodes["proto"],
  placeOf: (name: string, bytes: number) => Place | undefined = () => undefined,
): { graph: Nodes["proto"]; apart: Apart } {
  const without = (places: ReadonlyMap<Tensor, Place>) =>
    initializer.map((each) => places.has(each) ? outside(each, places.get(each)!) : each);
  const large = initializer.filter(({ rawData }) => rawData.byteLength >= LEAST_APART);
  const files = new Map<Tensor, Place>();
  let folder: string | undefined;
  const factors = new Set<string>(), others = new Set<string>();
  for (const { opType, input } of node) {
    input!.forEach((name, i) => (i === 1 && PRODUCTS.has(opType!) ? factors : others).add(name));
  }
  for (const tensor of large) {
    if (!factors.has(tensor.name) || others.has(tensor.name)) continue;
    const place = placeOf(tensor.name, tensor.rawData.byteLength);
    if (place && (folder ??= dirname(place.path)) === dirname(place.path)) files.set(tensor, place);
  }
  const within = large.reduce((sum, each) => sum + (files.has(each) ? 0 : each.rawData.byteLength), 0);
  const inFiles = folder !== undefined && within <= MOST_WITHIN;
  if (inFiles) return { graph: { node, initializer: without(files) }, apart: { folder } };
  const inMemory = large.map(({ rawData }, i) => ({ path: `weight ${i}`, data: apartFrom(rawData) }));
  const places = new Map(large.map((each, i) => [each, { ...inMemory[i], offset: 0 }]));
  return { graph: { node, initializer: without(places) }, apart: { inMemory } };
}

/** Returns bytes that do not keep a file of many weights in memory. */
const apartFrom = (bytes: Uint8Array): Uint8Array =>
  2 * bytes.byteLength < bytes.buffer.byteLength ? bytes.slice() : bytes;

/** Returns a weight without its bytes, and with their place. */
function outside({ rawData, ...tensor }: Tensor, { path, offset }: Place): Tensor {
  const facts = { location: basename(path), offset: `${offset}`, length: `${rawData.byteLength}` };
  const externalData = Object.entries(facts).map(([key, value]) => ({ key, value }));
  return { ...tensor, dataLocation: 1, externalData } as unknown as Tensor;
}
