/** Adds a model of the hub to a folder: pins its commit, writes the manifest, fetches the missing files. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { badInput } from "../errors.ts";
import { checksumOf, partOf, sizeOf } from "../fetch/mod.ts";
import { commitOf, filesOf, type HubFile } from "./api.ts";
import { choose } from "./choose.ts";
import { fetchFile } from "./fetch_file.ts";
import { type Hub, hubFromEnvironment } from "./hub.ts";
import { type Manifest, readManifest, writeManifest } from "./manifest.ts";
import type { OnnxDtype } from "./onnx_file.ts";
import { isModelName, placeOf, shown } from "./place.ts";

export interface AddOptions {
  /** A branch, tag or commit; default main. */
  revision?: string;
  /** Precision of the ONNX export to fetch instead of safetensors weights. */
  onnx?: OnnxDtype;
  /** Default: a folder of the model's own in `outputs/models`. */
  folder?: string;
  signal?: AbortSignal;
  /** Called once, before the first file is fetched. */
  onPlan?(plan: AddPlan): void;
  /** Called with the bytes of the whole model that are on disk, and the file that is being fetched. */
  onBytes?(have: number, path: string): void;
  /** Default: the hub that the environment names. */
  hub?: Hub;
}

export interface AddPlan {
  folder: string;
  manifest: Manifest;
  /** Size of all files in bytes. */
  total: number;
  /** Files to fetch: missing ones, and ones whose size or checksum is wrong. */
  lacking: readonly HubFile[];
}

/**
 * Fetches a model into a folder. Files that are already there and intact are not fetched again. Files of
 * another commit are replaced. If the folder already held another form of the model (an ONNX export, the
 * weights), that form is updated, too. Throws UndertoneError.
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

/** Whether a file exists and has the expected size and checksum. */
export async function isWhole(path: string, file: HubFile, signal?: AbortSignal): Promise<boolean> {
  return await sizeOf(path) === file.size &&
    await checksumOf(path, file.checksum, { signal }) === file.checksum;
}

/** Removes files whose checksum changes, so that the new manifest never describes old bytes. */
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
    todo: "Write the name as on the model's page: roberta-base, microsoft/wavlm-base.",
  });
}

async function requireFolderFor(name: string, folder: string, before?: Manifest): Promise<void> {
  const others = async () => {
    const entries = existsSync(folder) ? await Array.fromAsync(Deno.readDir(folder)) : [];
    return entries.some(({ name }) => !name.endsWith(".tmp")); // a half-written manifest may be left
  };
  let found: string;
  if (before && before.model !== name) found = `the model ${before.model}`;
  else if (!before && await others()) found = "files that this command did not write";
  else return;
  throw badInput({
    expected: `a folder that is empty, new, or holds ${name}`,
    found,
    at: shown(folder),
    todo: "Name another folder with --folder.",
  });
}
