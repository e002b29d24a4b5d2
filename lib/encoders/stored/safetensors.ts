/** A safetensors file as a store: a tensor's name is its key. */
import { badInput } from "../../errors.ts";
import { HeaderFault, LONGEST_HEADER, openRanges, parseHeader, type Ranges } from "../../files/mod.ts";
import { floatsIn, type Store } from "./store.ts";

/** Opens the file and reads its header. Throws UndertoneError if it is damaged. */
export async function safetensorsFile(path: string): Promise<Store> {
  using file = await openRanges(path);
  const { body, tensors } = await headerOf(file, path),
    byName = new Map(tensors.map((each) => [each.name, each]));
  return {
    arrays: tensors.map(({ name, dtype, shape }) => ({ key: name, dtype, shape })),
    files: [path],
    async open() {
      const file = await openRanges(path);
      return {
        async values(key) {
          const tensor = byName.get(key)!, { start, end } = tensor;
          return floatsIn(await file.read(body + start, end - start), tensor);
        },
        [Symbol.dispose]: () => file[Symbol.dispose](),
      };
    },
  };
}

async function headerOf(file: Ranges, at: string) {
  try {
    const head = await file.read(0, 8);
    if (head.length < 8) throw new HeaderFault(`${head.length} bytes`);
    const length = Number(new DataView(head.buffer).getBigUint64(0, true)), body = 8 + length;
    if (length > LONGEST_HEADER || body > file.size) throw new HeaderFault(`a header of ${length} bytes`);
    return { body, ...parseHeader(await file.read(8, length), file.size - body) };
  } catch (error) {
    if (!(error instanceof HeaderFault)) throw error;
    throw badInput({
      expected: "a safetensors file",
      found: error.message,
      at,
      todo: error.todo ?? "The file is damaged or not a safetensors file: write or fetch it again.",
    }, error);
  }
}
