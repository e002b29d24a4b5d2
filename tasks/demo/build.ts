/** Builds the page of a run: a folder with the exported model and all that a browser needs to run it. */
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { badInput } from "../../lib/errors.ts";
import { requireWritable, writeJsonAtomic } from "../../lib/files/mod.ts";
import type { ExportAbout } from "../../lib/export/mod.ts";
import { exportModel } from "../../lib/jobs/mod.ts";
import { inProject } from "../../lib/paths.ts";
import { CARD, cardOf, factsOf, type PageFacts } from "./facts.ts";
import { runDeno, RUNTIME, runtimeFolder } from "./runtime.ts";

const PAGE = fileURLToPath(new URL("page/", import.meta.url));
/** Files that are copied as they are, and modules that are compiled. */
const COPIED = ["index.html", "style.css", "recorder.js"], COMPILED = ["page.ts", "worker.ts"];
/** What the page is told, and all files of a page but those of its model and tokenizer. */
const FACTS = "page.json";
const OWN = [
  ...COPIED,
  ...COMPILED.map((name) => name.replace(".ts", ".js")),
  ...Object.values(RUNTIME),
  CARD,
  FACTS,
];
/** Text encoder whose tokenizer the page has. */
const TEXT = "use-lite";
/** The largest model, in bytes: a browser's WebAssembly has 4 GB, and loading takes several copies. */
const MOST_BYTES = 1e9;

/** How a page is built. */
export interface BuildOptions {
  out: string;
  use: readonly string[];
  /** Called with a description of each step. */
  onStep(step: string): void;
  signal?: AbortSignal;
}

/** The page that was built. */
export interface Built {
  folder: string;
  files: string[];
  bytes: number;
  /** Notes about the model. */
  notes: string[];
  /** The largest difference between the file's probabilities and the model's. */
  difference: number;
}

/**
 * Builds the page in a new folder, which replaces an earlier page. Throws UndertoneError for a model that a
 * page can't run.
 */
export async function buildPage(given: string, { out, use, onStep, signal }: BuildOptions): Promise<Built> {
  const folder = resolve(out),
    draft = join(dirname(folder), `.${basename(folder)}.new`);
  requireOwnFolder(folder);
  await requireWritable(dirname(folder));
  await Deno.remove(draft, { recursive: true }).catch(() => {});
  try {
    onStep("exporting the model");
    const to = join(draft, "model.onnx");
    const exported = await exportModel(given, { to, whole: true, counts: true, use, signal });
    requireRunnable(exported, given);
    const source = await runtimeFolder(signal);
    onStep("compiling the page");
    await runDeno(
      [
        "bundle",
        "--quiet",
        "--platform=browser",
        "--no-config",
        `--outdir=${draft}`,
        ...COMPILED.map((name) => PAGE + name),
      ],
      inProject("."),
      {
        expected: "the page's modules to compile",
        todo: "Check the connection: the bundler is fetched once.",
        signal,
      },
    );
    for (const name of COPIED) await Deno.copyFile(PAGE + name, join(draft, name));
    for (const name of Object.values(RUNTIME)) await Deno.copyFile(join(source, name), join(draft, name));
    const facts = await factsOf(given, exported);
    if (facts.card) await Deno.copyFile(cardOf(given), join(draft, CARD));
    const size = async (name: string) => (await Deno.stat(join(draft, name))).size;
    const page: PageFacts = {
      ...facts,
      files: { model: basename(to), ...RUNTIME },
      bytes: exported.bytes + await size(RUNTIME.runtime),
    };
    await writeJsonAtomic(join(draft, FACTS), page);
    const files = readdirSync(draft).sort(), sizes = await Promise.all(files.map(size));
    await Deno.remove(folder, { recursive: true }).catch(() => {});
    await Deno.rename(draft, folder);
    const { check: { difference } } = exported;
    const notes = exported.notes.filter((note) => !note.startsWith(draft)); // the page has the encoder's tokenizer
    return { folder, files, bytes: sizes.reduce((a, b) => a + b), notes, difference };
  } finally {
    await Deno.remove(draft, { recursive: true }).catch(() => {});
  }
}

/** Throws UndertoneError if a folder holds something else than an earlier page. */
export function requireOwnFolder(folder: string): void {
  if (!existsSync(folder)) return;
  const names = Deno.statSync(folder).isDirectory ? readdirSync(folder) : undefined;
  const other = names?.find((name) => !OWN.includes(name) && !/^(model|tokenizer)\./.test(name));
  if (names && other === undefined && (names.length === 0 || names.includes(FACTS))) return;
  throw badInput({
    expected: "a new folder, or an earlier page to replace",
    found: names ? `other files${other ? `, e.g. '${other}'` : ""}` : "a file",
    at: folder,
    todo: "Choose another folder with --out.",
  });
}

/** Throws UndertoneError if a browser can't run a model. */
export function requireRunnable(
  { about: { encoders: { text } }, bytes }: { about: Pick<ExportAbout, "encoders">; bytes: number },
  at: string,
): void {
  if (text && text.id !== TEXT) {
    throw badInput({
      expected: `a model that reads no text, or reads it with ${TEXT}`,
      found: `the text encoder ${text.id}, whose tokenizer the page does not have,`,
      at,
      todo: "Use the model with deno task infer, or from other programs with deno task export.",
    });
  }
  if (bytes > MOST_BYTES) {
    throw badInput({
      expected: `a model of at most ${MOST_BYTES / 1e9} GB, which a browser can hold`,
      found: `${(bytes / 1e9).toFixed(1)} GB`,
      at,
      todo: "Take a model with smaller encoders.",
    });
  }
}
