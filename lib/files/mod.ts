/** Reads and writes files: writes are atomic, and reads check every bound. */
export * from "./alive.ts";
export * from "./atomic.ts";
export { nearestBeside } from "./beside.ts";
export { collectable, type Place, placeOf } from "./collectable.ts";
export * from "./csv.ts";
export * from "./json.ts";
export * from "./large.ts";
export * from "./safetensors.ts";
export * from "./text.ts";
export { isPointer, type LfsPointer, lfsPointer, POINTER, requireFetched, requireNoPointer } from "./lfs.ts";
export { isParquet, openParquet, type ParquetColumn, type ParquetFile } from "./parquet.ts";
export { readTorch } from "./torch.ts";
export { openRanges, type Ranges } from "./ranges.ts";
export { HeaderFault, LONGEST_HEADER, parseHeader, type TensorInfo } from "./safetensors_header.ts";
export { type TensorData, valuesIn, widthOf } from "./tensor_values.ts";
export { readEntry, startOfEntry, zipEntries, type ZipEntry, ZipFault } from "./zip.ts";
export { valuesAt } from "./strided.ts";
