/**
 * Runs a frozen ONNX export from a Hugging Face folder with transformers.js, on the project's ONNX Runtime.
 * Two dependencies of transformers.js are not needed here: the runtime for browsers (140 MB) and sharp for
 * images (38 MB). package.json replaces them with small packages that are installed anyway. Nothing is ever
 * fetched.
 */
import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { AutoModel, env, LogLevel, type Tensor } from "@huggingface/transformers";
import { badInput, requireKnown } from "../../errors.ts";
import { requireFetched } from "../../files/mod.ts";
import { checksumOf, ONNX_DTYPES, type OnnxDtype, onnxFile, onnxPlaces } from "../../hub/mod.ts";
import type { Sequence } from "../encoder.ts";
import { fingerprint } from "../fingerprint.ts";
import { sessionOptions } from "../onnx_session.ts";

env.allowRemoteModels = false;
env.useFSCache = false;
env.logLevel = LogLevel.ERROR;

/** A model that computes the last hidden states of one row. */
export interface OnnxExport {
  folder: string;
  /** Hash of graph and weights. */
  fingerprint: string;
  /**
   * Returns the states `[L,D]` of one row; each input is `[1,...]`. Throws UndertoneError if the graph has no
   * such output.
   */
  run(inputs: Record<string, Tensor>): Promise<Sequence>;
}

/**
 * Opens an export. `name` is a folder, for its `onnx/model.onnx` or `model.onnx`, or a folder, `#` and
 * another precision. Throws UndertoneError if the folder has no such export.
 */
export async function readExport(name: string): Promise<OnnxExport> {
  const [, folder, dtype = "fp32"] = name.match(/^(.*?)(?:#(\w+))?$/)!;
  const known = requireKnown("the precision of an ONNX export", dtype, ONNX_DTYPES, `hf-onnx:${name}`);
  const place = placeOf(folder, known);
  if (!place) throw noExport(folder, known);
  const path = join(folder, place), inside = dirname(path);
  // All precisions share a folder. A graph may keep its weights in files named after it.
  const beside = (await Array.fromAsync(Deno.readDir(inside))).map((entry) => entry.name)
    .filter((name) => name.startsWith(`${basename(path)}_data`)).sort();
  const paths = [path, ...beside.map((name) => join(inside, name))];
  for (const path of paths) await requireFetched(path);
  const checksums = await Promise.all(paths.map((path) => checksumOf(path, "sha256:")));
  const options = {
    dtype: known,
    device: "cpu" as const,
    local_files_only: true,
    subfolder: dirname(place),
    session_options: sessionOptions(),
  };
  const model = await AutoModel.from_pretrained(resolve(folder), options).catch((cause) => {
    throw badInput({
      expected: "an ONNX export of an encoder",
      found: `one that can't be opened (${(cause as Error).message.trim()})`,
      at: path,
      todo: "Fetch or export it again.",
    }, cause);
  });
  return {
    folder,
    fingerprint: fingerprint(...checksums),
    async run(inputs) {
      const outputs: Record<string, Tensor> = await model(inputs);
      const states = outputs.last_hidden_state;
      if (states?.dims.length !== 3) {
        throw badInput({
          expected: "an export that gives last_hidden_state",
          found: `one that gives ${Object.keys(outputs).join(", ")}`,
          at: path,
          todo: "Export the encoder without a task's head (feature-extraction).",
        });
      }
      const [, length, width] = states.dims;
      return { data: Float32Array.from(states.to("float32").data as Float32Array), length, width };
    },
  };
}

/** Returns where an export is in its folder, or undefined. */
const placeOf = (folder: string, dtype: OnnxDtype): string | undefined =>
  onnxPlaces(dtype).find((place) => existsSync(join(folder, place)));

function noExport(folder: string, wanted: OnnxDtype) {
  const there = ONNX_DTYPES.filter((dtype) => placeOf(folder, dtype));
  return badInput({
    expected: onnxFile(wanted),
    found: there.length ? `the precisions ${there.join(", ")}` : "no ONNX export",
    at: folder,
    todo: there.length
      ? `Name one of these: hf-onnx:${folder}#${there[0]}.`
      : "Fetch one with 'deno task models add <name> --onnx', or read its weights with hf:<folder>.",
  });
}
