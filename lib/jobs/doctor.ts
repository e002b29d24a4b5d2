/** Checks the installation: what works, what is missing, and how to get it. */
import * as tf from "@tensorflow/tfjs-core";
import { requireWritable } from "../files/mod.ts";
import { type EngineOptions, lacking, tensorflowIsSetUp, useEngine } from "../compute/mod.ts";
import { type ColumnNames, loadAudio, loadDataset, type LoadOptions } from "../data/mod.ts";
import { speechEncoder, speechEncoders, textEncoder, textEncoders } from "../encoders/mod.ts";
import { addedModels, shown } from "../hub/mod.ts";
import { findPython, HOW_TO_GET_NBCLIENT } from "./python.ts";
import { join } from "node:path";

export interface Finding {
  what: string;
  /** `missing` if only some jobs need it. */
  state: "ok" | "missing" | "broken";
  detail: string;
  /** How to fix or install it. */
  todo?: string;
}

export interface DoctorOptions {
  /** A data set to check, too. */
  data?: string;
  /** Encoding of its CSV files. */
  encoding?: string;
  /** Names of its columns. */
  columns?: ColumnNames;
  /** How a folder names its clips. */
  pattern?: string;
  /** Folder that runs are written to. */
  out: string;
  /** Folder of the added models; default the project's. */
  models?: string;
}

/** Checks everything and yields the findings one by one; never throws. */
export async function* doctor(
  { data, encoding, columns, pattern, out, models }: DoctorOptions,
): AsyncGenerator<Finding, void> {
  yield { what: "Deno", state: "ok", detail: `${Deno.version.deno}, ${Deno.build.os} ${Deno.build.arch}` };
  yield await tensorflow();
  yield await examine("engine", "Install the packages again: deno install", () => engineWorks());
  for (const { id, licence, argument } of textEncoders()) {
    if (argument) continue; // not part of the installation
    yield await examine(`text encoder ${id}`, "Install the packages again: deno install", async () => {
      const { width } = await textEncoder(id);
      return `width ${width}; licence: ${licence}`;
    });
  }
  for (const { id, licence, argument } of speechEncoders()) {
    if (argument) continue;
    yield await examine(`speech encoder ${id}`, "Install the packages again: deno install", async () => {
      const { width, rate } = await speechEncoder(id);
      return `width ${width}, ${rate} Hz; licence: ${licence}`;
    });
  }
  yield* added(models);
  yield await examine("sample", "Fetch the repository again", () => readable("sample"));
  if (data && data !== "sample") {
    yield await examine(`data ${data}`, "", () => readable(data, { encoding, columns, pattern }));
  }
  yield await examine("runs", "", () => writable(out));
  yield await ffmpeg();
  yield nbclient();
  yield await device("webgpu");
  yield await device("cuda");
}

/** Runs a check and returns its finding. */
async function examine(what: string, todo: string, work: () => Promise<string>): Promise<Finding> {
  try {
    return { what, state: "ok", detail: await work() };
  } catch (error) {
    return { what, state: "broken", detail: error instanceof Error ? error.message : String(error), todo };
  }
}

/** Checks the optional TensorFlow engine. */
function tensorflow(): Promise<Finding> | Finding {
  const what = "engine tensorflow", todo = "for --engine tensorflow: deno task setup-tensorflow";
  if (!tensorflowIsSetUp()) return { what, state: "missing", detail: "not set up", todo };
  return examine(
    what,
    "Set it up again: deno task setup-tensorflow",
    () => engineWorks({ engine: "tensorflow" }),
  );
}

/** Checks a GPU device. */
async function device(name: "webgpu" | "cuda"): Promise<Finding> {
  const what = `device ${name}`;
  const lack = lacking(name);
  if (lack) return { what, state: "missing", detail: lack.found, todo: `for --device ${name}: ${lack.todo}` };
  const finding = await examine(what, "", () => engineWorks({ device: name }));
  // Devices are optional, so a broken one counts as missing. The message says what to do.
  return finding.state === "broken" ? { ...finding, state: "missing", todo: undefined } : finding;
}

/** Computes a small gradient and checks its value. */
async function engineWorks(options: EngineOptions = {}): Promise<string> {
  const engine = await useEngine(options);
  engine.resetStats();
  const gradient = tf.tidy(() => tf.grad((x) => tf.sum(tf.square(x)))(tf.tensor1d([1, -2])));
  const values = await gradient.data();
  gradient.dispose();
  if (values[0] !== 2 || values[1] !== -4) {
    throw new Error(`the gradient of x² at 1, -2 came out as ${values}`);
  }
  const fallbacks = Object.keys(engine.stats().fallbacks);
  return `${engine.name} on ${engine.device}, fallbacks: ${fallbacks.length ? fallbacks.join(", ") : "none"}`;
}

/**
 * Checks that the files of added models are there and have the
 * right size. `deno task models check` compares the checksums.
 */
async function* added(models?: string): AsyncGenerator<Finding, void> {
  try {
    for (const { manifest, architecture, folder, missing, damaged } of await addedModels(models)) {
      const faults = [...missing, ...damaged], at = shown(folder), what = `model ${manifest.model}`;
      if (!faults.length) yield { what, state: "ok", detail: `${architecture ?? "unknown"}, in ${at}` };
      else {
        const detail = `incomplete in ${at}: ${faults.join(", ")}`;
        const todo = `Fetch the missing files: deno task models add ${manifest.model}`;
        yield { what, state: damaged.length ? "broken" : "missing", detail, todo };
      }
    }
  } catch (error) {
    const todo = "Remove its folder, then add the model again";
    yield { what: "models", state: "broken", detail: (error as Error).message, todo };
  }
}

/** Loads a data set and decodes its first clip. */
async function readable(path: string, options: LoadOptions = {}): Promise<string> {
  const { rows, labels, root, rejected } = await loadDataset(path, options);
  const clip = rows.find(({ audio }) => audio)?.audio;
  if (clip) await loadAudio(join(root, clip));
  const left = rejected.length ? `, ${rejected.length} left out` : "";
  return `${rows.length} rows, ${labels.length} labels${clip ? ", clips can be read" : ", no clips"}${left}`;
}

async function writable(folder: string): Promise<string> {
  await requireWritable(folder);
  return `${folder} is writable`;
}

/** Checks ffmpeg, which only video clips need. */
async function ffmpeg(): Promise<Finding> {
  try {
    const { stdout } = await new Deno.Command("ffmpeg", { args: ["-version"], stderr: "null" }).output();
    const [version] = new TextDecoder().decode(stdout).split(" Copyright");
    return { what: "ffmpeg", state: "ok", detail: version };
  } catch {
    const todo = "For video clips (mp4): install ffmpeg";
    return { what: "ffmpeg", state: "missing", detail: "not found", todo };
  }
}

/** Checks nbclient, which only notebooks without a browser need. */
function nbclient(): Finding {
  const python = findPython();
  if (python) return { what: "nbclient", state: "ok", detail: `of ${python}` };
  const todo = `For notebooks from the terminal: ${HOW_TO_GET_NBCLIENT}`;
  return { what: "nbclient", state: "missing", detail: "not found", todo };
}
