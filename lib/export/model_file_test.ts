import { throws } from "../testing/assert.ts";
import { encodeModelFile } from "./model_file.ts";

Deno.test("weights over the limit of an ONNX file are refused", () => {
  const initializer = [1.2e9, 1.3e9].map((byteLength) => ({
    name: "",
    rawData: { byteLength } as Uint8Array,
  }));
  throws(
    () => encodeModelFile({ node: [], initializer }, { inputs: [], outputs: [], metadata: {}, at: "a run" }),
    /Expected at most 2 GB of weights.* found 2\.5 GB at a run\. Export a model with smaller encoders\./,
  );
});
