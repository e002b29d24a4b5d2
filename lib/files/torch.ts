/**
 * Reads `pytorch_model.bin`, the tensors that `torch.save` writes: a zip archive with one pickle, which names
 * the tensors, and one entry for each storage. No code in the file is ever run.
 */
import { basename } from "node:path";
import { badInput, type UndertoneError } from "../errors.ts";
import { requireNoPointer } from "./lfs.ts";
import { Global, type Meaning, PickleFault, unpickle } from "./pickle.ts";
import { openRanges, type Ranges } from "./ranges.ts";
import type { RawTensor } from "./safetensors.ts";
import { type Layout, requireLayout, valuesAt } from "./strided.ts";
import { type TensorData, valuesIn, widthOf } from "./tensor_values.ts";
import { readEntry, zipEntries, type ZipEntry, ZipFault } from "./zip.ts";

/** Types of storages, by their names in Python and in safetensors. */
const STORAGES = new Map(Object.entries({
  "torch.FloatStorage": "F32",
  "torch.DoubleStorage": "F64",
  "torch.HalfStorage": "F16",
  "torch.BFloat16Storage": "BF16",
  "torch.LongStorage": "I64",
  "torch.IntStorage": "I32",
  "torch.ShortStorage": "I16",
  "torch.CharStorage": "I8",
  "torch.ByteStorage": "U8",
  "torch.BoolStorage": "BOOL",
}));

const DICTIONARY = "collections.OrderedDict";
const TENSOR = "torch._utils._rebuild_tensor_v2";
const PARAMETER = "torch._utils._rebuild_parameter";

/** The first bytes of files by torch before 1.6: the pickle of 0x1950a86a20f9469cfc6c. */
const FORMER = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];
/** The first bytes of a zip archive. */
const ZIP = [0x50, 0x4b, 0x03, 0x04];
/** Many times the pickle of the largest model, in bytes. */
const LONGEST_PICKLE = 100_000_000;
/** Views of a storage may hold this many times its values, for tied and transposed weights. */
const MOST_VIEWS = 4;

class Storage {
  constructor(readonly key: string, readonly dtype: string, readonly count: number) {}
}

class Tensor {
  constructor(readonly storage: Storage, readonly layout: Layout) {}
}

const refuse = (found: string): never => {
  throw new PickleFault(found);
};

/**
 * Returns the tensors in a file by name. Floats become float32; integers become int32 or bytes. Throws
 * UndertoneError if the file is damaged, of the older format without zip, or holds anything but tensors.
 */
export async function readTorch(path: string): Promise<{ tensors: Record<string, RawTensor> }> {
  let file: Ranges;
  try {
    file = await openRanges(path);
    await file.read(0, 1);
  } catch (cause) {
    const found = cause instanceof Deno.errors.NotFound ? "no file" : `an unreadable one (${cause})`;
    throw badInput({ expected: "a file of torch.save", found, at: path, todo: "Check the path." }, cause);
  }
  using open = file;
  return { tensors: await tensorsIn(open, path) };
}

/** Returns the tensors in `file`; `at` names it in errors. Throws UndertoneError. */
export async function tensorsIn(file: Ranges, at: string): Promise<Record<string, RawTensor>> {
  const start = await file.read(0, 128);
  requireNoPointer(start, at);
  const starts = (bytes: readonly number[]) => bytes.every((byte, i) => start[i] === byte);
  if (starts(FORMER)) throw former(at);
  if (!starts(ZIP)) throw damaged("another start than a zip archive's", at);
  try {
    const entries = await zipEntries(file);
    const pickles = [...entries.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
    if (pickles.length !== 1) throw damaged(`${pickles.length} entries data.pkl in the archive`, at);
    const [root] = pickles[0].split("/"), pickle = entries.get(pickles[0])!;
    const order = entries.get(`${root}/byteorder`);
    if (order && new TextDecoder().decode(await readEntry(file, order)) !== "little") {
      throw unsupported("values whose byte order is not little-endian", at);
    }
    if (pickle.size > LONGEST_PICKLE) throw damaged(`a pickle of ${pickle.size} bytes`, at);
    const named = namedTensors(unpickle(await readEntry(file, pickle), meaning));
    const storages = (key: string) => entries.get(`${root}/data/${key}`);
    return await loaded(file, named, storages, at);
  } catch (error) {
    if (error instanceof ZipFault) throw damaged(error.message, at);
    if (error instanceof PickleFault) throw unsupported(error.message, at);
    throw error;
  }
}

/** What the globals of a file of tensors stand for. */
const meaning: Meaning = {
  requireGlobal(name) {
    if (![DICTIONARY, TENSOR, PARAMETER].includes(name) && !STORAGES.has(name)) {
      refuse(`'${name.slice(0, 100)}', which is no tensor and is not run`);
    }
  },
  call(name, args) {
    if (name === DICTIONARY && args.length === 0) return new Map();
    if (name === PARAMETER && args.length === 3 && args[0] instanceof Tensor && isEmpty(args[2])) {
      return args[0];
    }
    if (name === TENSOR && (args.length === 6 || args.length === 7) && isEmpty(args[5]) && isEmpty(args[6])) {
      const [storage, offset, shape, strides] = args;
      if (!(storage instanceof Storage)) return refuse("a tensor without a storage");
      const layout = requireLayout({ offset, shape, strides }, storage.count);
      return typeof layout === "string" ? refuse(layout) : new Tensor(storage, layout);
    }
    return refuse(`a call of '${name}' with other arguments than a tensor's`);
  },
  persistent(id) {
    const [kind, type, key, , count, ...rest] = Array.isArray(id) ? id : [];
    const dtype = type instanceof Global ? STORAGES.get(type.name) : undefined;
    if (kind !== "storage" || !dtype || typeof key !== "string" || !isCount(count) || rest.length) {
      return refuse("a storage that is not described as torch does");
    }
    return new Storage(key, dtype, count);
  },
  build(object, state) {
    const isVersions = object instanceof Map && state instanceof Map && state.size === 1 &&
      state.has("_metadata");
    if (!isVersions) refuse("an object with attributes of its own");
  },
};

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value instanceof Map && value.size === 0;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function namedTensors(value: unknown): [name: string, tensor: Tensor][] {
  if (!(value instanceof Map)) return refuse("something else than a dictionary of tensors");
  return [...value].map(([name, tensor]): [string, Tensor] => {
    if (typeof name !== "string") return refuse("a name of a tensor that is no text");
    return tensor instanceof Tensor ? [name, tensor] : refuse(`'${name.slice(0, 100)}', which is no tensor`);
  });
}

/** Reads each storage once, and the tensors in it. Equal views of a storage are one array. */
async function loaded(
  file: Ranges,
  named: readonly [name: string, tensor: Tensor][],
  entryOf: (key: string) => ZipEntry | undefined,
  at: string,
): Promise<Record<string, RawTensor>> {
  const byStorage = Map.groupBy(named, ([, { storage }]) => JSON.stringify([storage.key, storage.dtype]));
  const read = new Map<Tensor, RawTensor>();
  for (const tensors of byStorage.values()) {
    const { key, dtype, count } = tensors[0][1].storage, entry = entryOf(key);
    const odd = tensors.find(([, { storage }]) => storage.count !== count);
    if (!entry || odd || entry.size !== count * widthOf(dtype)!) {
      const found = entry ? `${entry.size} bytes` : "no entry";
      throw damaged(`${found} for the ${count} values of '${tensors[0][0].slice(0, 100)}'`, at);
    }
    const bytes = await readEntry(file, entry), values = valuesIn(dtype, bytes);
    if (typeof values === "number") throw tooLarge(tensors[0][0], values, at);
    const views = new Map<string, TensorData>();
    let room = MOST_VIEWS * count;
    for (const [name, tensor] of tensors) {
      const view = JSON.stringify(tensor.layout);
      if (!views.has(view)) {
        room -= tensor.layout.size;
        if (room < 0) throw damaged(`too many views of the values of '${name.slice(0, 100)}'`, at);
        views.set(view, valuesAt(values, tensor.layout));
      }
      read.set(tensor, { shape: tensor.layout.shape, data: views.get(view)! });
    }
  }
  return Object.fromEntries(named.map(([name, tensor]) => [name, read.get(tensor)!]));
}

const damaged = (found: string, at: string): UndertoneError =>
  badInput({
    expected: "weights as torch.save writes them",
    found,
    at,
    todo: "The file is damaged or of another kind: fetch or save it again.",
  });

const unsupported = (found: string, at: string): UndertoneError =>
  badInput({
    expected: "a dictionary of tensors alone, as torch.save(model.state_dict(), path) writes it",
    found,
    at,
    todo: "Save the model's weights alone in Python, if you trust the file: " +
      "model.save_pretrained(folder) writes them as safetensors.",
  });

const former = (at: string): UndertoneError =>
  badInput({
    expected: "weights in the zip format of torch 1.6 and later",
    found: "the older format",
    at,
    todo: `Convert it in Python, in its folder: import torch; name = '${basename(at)}'; ` +
      "torch.save(torch.load(name, map_location='cpu', weights_only=True), name).",
  });

const tooLarge = (name: string, value: number, at: string): UndertoneError =>
  badInput({
    expected: "integers within 32 bits and floats within the range of float32",
    found: `${value} among the values of the tensor '${name.slice(0, 100)}'`,
    at,
    todo: "Larger values are not supported: save the file without this tensor.",
  });
