/** Adds a model of the hub: pins its commit, fetches what is needed and lacking, and writes down what that is. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { badInput } from "../errors.ts";
import { commitOf, filesOf, type HubFile } from "./api.ts";
import { checksumOf } from "./checksum.ts";
import { choose } from "./choose.ts";
import { fetchFile, partOf } from "./fetch_file.ts";
import { type Hub, hubFromEnvironment } from "./hub.ts";
import { type Manifest, readManifest, sizeOf, writeManifest } from "./manifest.ts";
import type { OnnxDtype } from "./onnx_file.ts";
import { isModelName, placeOf, shown } from "./place.ts";

export interface AddOptions {
  /** A branch, tag or commit; default main. */
  revision?: string;
  /** The precision of an ONNX export to take in place of safetensors weights. */
  onnx?: OnnxDtype;
  /** Default a folder of its own in `outputs/models`. */
  folder?: string;
  signal?: AbortSignal;
  /** Hears what is going to be done. */
  onPlan?(plan: AddPlan): void;
  /** Hears how many bytes of the whole model are there, and which file is being fetched. */
  onBytes?(have: number, path: string): void;
  /** Default that of the environment. */
  hub?: Hub;
}

export interface AddPlan {
  folder: string;
  manifest: Manifest;
  /** Bytes of all files. */
  total: number;
  /** Those that are not there, or not as they should be. */
  lacking: readonly HubFile[];
}

/**
 * Fetches a model into a folder; what is there and whole is not fetched again, what it held of another commit is replaced,
 * and what it held beside (an export, the weights) is kept up. Throws UndertoneError.
 */
export async function addModel(name: string, options: AddOptions = {}): Promise<AddPlan> {
  const { revision = "main", onnx, folder = placeOf(name), signal, hub = hubFromEnvironment() } = options;
  requireName(name);
  const before = await readManifest(folder);
  await requireFolderFor(name, folder, before);
  const commit = await commitOf(hub, { model: name, revision }, signal);
  const subject = { model: name, revision: commit };
  const listing = await filesOf(hub, subject, signal);
  const chosen = new Set(choose(name, listing, onnx).map(({ path }) => path));
  for (const { path } of before?.files ?? []) chosen.add(path);
  const files = listing.filter(({ path }) => chosen.has(path)).sort((a, b) => a.size - b.size);
  const manifest = { model: name, endpoint: hub.endpoint, revision, commit, files };

  await removeOutdated(folder, before, files);
  await writeManifest(folder, manifest);
  const lacking: HubFile[] = [];
  for (const file of files) {
    if (!await isWhole(join(folder, file.path), file, signal)) lacking.push(file);
  }
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const plan = { folder, manifest, total, lacking };
  options.onPlan?.(plan);
  let have = total - lacking.reduce((sum, { size }) => sum + size, 0);
  for (const file of lacking) {
    const onBytes = (bytes: number) => options.onBytes?.(have + bytes, file.path);
    await fetchFile(hub, subject, file, join(folder, file.path), { signal, onBytes });
    have += file.size;
  }
  return plan;
}

/** Whether a file is there with the bytes it should have. */
export async function isWhole(path: string, file: HubFile, signal?: AbortSignal): Promise<boolean> {
  return await sizeOf(path) === file.size &&
    await checksumOf(path, file.checksum, { signal }) === file.checksum;
}

/** Before the manifest says something else, what it would be wrong about goes. */
async function removeOutdated(folder: string, before: Manifest | undefined, files: readonly HubFile[]) {
  const checksums = new Map(files.map(({ path, checksum }) => [path, checksum]));
  for (const { path, checksum } of before?.files ?? []) {
    if (checksums.get(path) === checksum) continue;
    for (const old of [join(folder, path), partOf(join(folder, path))]) {
      if (existsSync(old)) await Deno.remove(old);
    }
  }
}

function requireName(name: string): void {
  if (isModelName(name)) return;
  throw badInput({
    expected: "the name of a model on the hub",
    found: `'${name}'`,
    at: "the command line",
    todo: "Write it as its page does: roberta-base, microsoft/wavlm-base.",
  });
}

async function requireFolderFor(name: string, folder: string, before?: Manifest): Promise<void> {
  const others = async () => {
    const entries = existsSync(folder) ? await Array.fromAsync(Deno.readDir(folder)) : [];
    return entries.some(({ name }) => !name.endsWith(".tmp")); // a kill may have left the draft of a manifest
  };
  let found: string;
  if (before && before.model !== name) found = `the model ${before.model}`;
  else if (!before && await others()) found = "files of another origin";
  else return;
  throw badInput({
    expected: `a folder that is empty, new, or that of ${name}`,
    found,
    at: shown(folder),
    todo: "Name another one with --folder.",
  });
}
