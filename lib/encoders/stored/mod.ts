export { type EncoderRow, readableRows, readStored, storedContent } from "./rows.ts";
export { STORED } from "./name.ts";
