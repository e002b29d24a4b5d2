/** `deno task models`: fetches models from the Hugging Face hub on request, lists them and checks them. */
import { existsSync } from "node:fs";
import { z } from "zod";
import project from "../deno.json" with { type: "json" };
import { badInput, requireKnown } from "../lib/errors.ts";
import {
  type AddedModel,
  addedModels,
  addModel,
  type AddPlan,
  cachedModels,
  checkModel,
  hubFromEnvironment,
  isModelName,
  lookAt,
  ONNX_DTYPES,
  placeOf,
  shown,
} from "../lib/hub/mod.ts";
import { parseFlags, splitWords } from "./cli/flags.ts";
import { main, type PrintJson, type Task } from "./cli/main.ts";
import { tell } from "./cli/output.ts";
import { duration, progress } from "./cli/progress.ts";
import { count, typed } from "./cli/show.ts";
import { lineOf, list, megabytes } from "./models/list.ts";
import { push } from "./models/push.ts";

const flags = z.strictObject({
  folder: z.string().optional().describe(
    "Folder that 'add' puts the model in. A folder of its own in outputs/models by default.",
  ),
  revision: z.string().default("main").describe("Branch, tag or commit that 'add' fetches."),
  onnx: z.boolean().default(false).describe(
    "With 'add': fetch the model's ONNX export instead of its weights, or beside those of a run. With 'push': " +
      "require the run's export, onnx/model.onnx.",
  ),
  dtype: z.enum(ONNX_DTYPES).optional().describe(
    "Precision of the ONNX export, with --onnx. fp32 by default.",
  ),
  to: z.string().optional().describe("Where 'push' sends a run: <your account>/<name>."),
  public: z.boolean().default(false).describe(
    "Let everybody see a model that 'push' makes. Private by default.",
  ),
  dry_run: z.boolean().default(false).describe("Show what 'push' would send, and send nothing."),
  yes: z.boolean().default(false).describe("Do not ask before 'push' sends."),
});

type Flags = z.infer<typeof flags>;

export const task: Task = {
  name: "models",
  words: "add <name> | list | check [<name or folder>] | push <run> --to <user/name>",
  summary:
    "Fetches models from the Hugging Face hub, lists them, checks them byte by byte, and pushes runs to it.",
  flags,
  examples: [
    ["deno task models add roberta-base", "then: deno task train --text hf:roberta-base"],
    ["deno task models add Xenova/all-MiniLM-L6-v2 --onnx --dtype q8", "a quantised ONNX export"],
    ["deno task models list", "lists the models and says whether they are complete"],
    ["deno task models check", "compares every file with the hub's checksums, without network"],
    [
      "deno task models push outputs/first --to jane/emotions",
      "asks, and uploads card, checkpoint and export",
    ],
  ],
  notes:
    "To continue an interrupted fetch, run the same command again. HF_TOKEN is sent to the hub for private " +
    "and gated models. HF_ENDPOINT names another hub or a mirror. HTTPS_PROXY and NO_PROXY set the proxy. " +
    "'push' sends the model card as README.md, the configuration, the best checkpoint, and the ONNX export if " +
    "the run has one; never rows, texts, predictions or sound. It needs a token that may write: HF_TOKEN, or " +
    "that of 'hf auth login'. If it breaks, run it again: it sends what the hub lacks.",

  async run(args, signal, json) {
    const { words, rest } = splitWords(flags, args), [verb = "list", name, ...others] = words;
    const given = parseFlags(flags, rest);
    const known = requireKnown("a command", verb, ["add", "list", "check", "push"], "the first word");
    const one = name && !others.length;
    const forms = { add: one, list: !name, check: !others.length, push: one };
    if (!forms[known]) {
      throw badInput({
        expected: {
          add: "the name of one model",
          list: "no further word",
          check: "one model, or none for all",
          push: "one run",
        }[known],
        found: words.slice(1).map((word) => `'${word}'`).join(", ") || "nothing",
        at: `deno task models ${known}`,
        todo: "See --help.",
      });
    }
    if (known === "add") return await add(name, given, { args, signal, json });
    if (known === "list") return await list(await addedModels(), await cachedModels(), json);
    if (known === "push") {
      const { to, onnx, public: isPublic, dry_run: dry, yes } = given, hub = hubFromEnvironment();
      return await push({ run: name, to, onnx, isPublic, dry, yes }, hub, signal, json)
        .catch((error) => allowing(error, args));
    }
    return await check(name === undefined ? await addedModels() : [await named(name)], signal, json);
  },
};

const counted = (done: number, total: number) => `${(done / 1e6).toFixed(1)}/${megabytes(total)}`;

async function add(
  name: string,
  { folder, revision, onnx, dtype }: Flags,
  { args, signal, json }: { args: readonly string[]; signal: AbortSignal; json: PrintJson },
) {
  if (dtype && !onnx) {
    throw badInput({
      expected: "--onnx beside --dtype",
      found: "--dtype alone",
      at: "the command line",
      todo: "Add --onnx: weights have one precision only.",
    });
  }
  const hub = hubFromEnvironment();
  let line: ReturnType<typeof progress> | undefined, total = 0;
  const onPlan = ({ folder, manifest, lacking, ...plan }: AddPlan) => {
    total = plan.total;
    tell(
      `${name} at ${manifest.commit.slice(0, 12)} (${revision}): ${count(manifest.files.length, "file")}, ` +
        `${megabytes(total)}, into ${shown(folder)}`,
    );
    if (lacking.length) line = progress("fetch", undefined, undefined, counted);
  };
  const onBytes = (have: number, path: string) => line?.update(have, total, path);
  const onPause = (why: string, time: number) => {
    line?.end();
    tell(`found ${why}; trying again in ${duration(time / 1000)}`);
  };
  const { lacking, manifest, folder: place } = await addModel(name, {
    hub: { ...hub, onPause },
    folder,
    revision,
    onnx: onnx ? dtype ?? "fp32" : undefined,
    signal,
    onPlan,
    onBytes,
  }).catch((error) => allowing(error, args)).finally(() => {
    line?.end();
    if (signal.aborted) {
      console.error("Stopped. What was fetched is kept: run the same command to continue.");
    }
  });
  if (manifest.files.some(({ path }) => path.startsWith("checkpoints/"))) {
    console.log(
      `Use it   ${typed("infer")} --checkpoint ${shown(place)} --text "You did what?" --audio me.wav`,
    );
    return json({ ...manifest, folder: shown(place) });
  }
  const speech = manifest.files.some(({ path }) => /^(pre)?processor_config\.json$/.test(path));
  const encoder = `${onnx ? "hf-onnx" : "hf"}:${folder ?? name}${onnx && dtype ? `#${dtype}` : ""}`;
  console.log(
    lacking.length ? `Complete and verified, in ${shown(place)}` : `Already complete, in ${shown(place)}`,
  );
  const hears = manifest.files.some(({ path }) => /(^|\/)decoder_model_merged\w*\.onnx$/.test(path));
  console.log(
    hears
      ? `Use it   ${typed("transcribe")} --data <data> --model ${encoder}`
      : `Use it   ${typed("train")} --${speech ? "audio" : "text"} ${encoder}`,
  );
  json({ ...manifest, folder: shown(place), encoder });
}

/**
 * Throws the error, or bad input that says how to run `args` with a host that the task's permissions
 * lack.
 */
function allowing(error: unknown, args: readonly string[]): never {
  if (!(error instanceof Deno.errors.NotCapable)) throw error;
  const host = /net access to "([^"]+)"/.exec(error.message)?.[1] ?? "";
  throw badInput({
    expected: "permission to reach the hub",
    found: `none for ${host}`,
    at: "HF_ENDPOINT, or where the hub redirects to",
    todo: `Allow it for once: deno run --quiet -P=models --allow-net=${
      [host, ...project.permissions.models.net].join(",")
    } tasks/models.ts ${args.join(" ")}`,
  }, error);
}

async function check(
  models: readonly AddedModel[],
  signal: AbortSignal,
  json: PrintJson,
): Promise<number> {
  const all: AddedModel[] = [];
  let broken = 0;
  for (const model of models) {
    const line = progress(`check ${model.manifest.model}`, undefined, undefined, counted);
    const checked = await checkModel(model, { signal, onBytes: (have) => line.update(have, model.size) })
      .finally(line.end);
    all.push(checked);
    console.log(lineOf(checked));
    if (checked.missing.length || checked.damaged.length) broken++;
  }
  json(all);
  if (broken) {
    console.error(`${count(broken, "model")} incomplete. To repair: '${typed("models")} add <name>'.`);
  }
  return broken ? 1 : 0;
}

/** Returns the model that was added under a name, or into a folder. Throws bad input if there is none. */
async function named(name: string): Promise<AddedModel> {
  const folder = existsSync(name) || !isModelName(name) ? name : placeOf(name);
  const model = await lookAt(folder);
  if (model) return model;
  throw badInput({
    expected: "a model that was added",
    found: "none",
    at: shown(folder),
    todo: `List the models with '${typed("models")} list'.`,
  });
}

if (import.meta.main) await main(task);
