/** `deno task data-get`: fetches a corpus that is free to fetch, or says where to ask for it. */
import { z } from "zod";
import { auditDataset, auditLines, dataSources, loadDataset } from "../lib/data/mod.ts";
import { badInput, nearest } from "../lib/errors.ts";
import { freeSpace, gigabytes, HTTP } from "../lib/fetch/mod.ts";
import { writeAudit } from "../lib/jobs/mod.ts";
import {
  elsewhere,
  type GetOptions,
  type GetPlan,
  getRelease,
  planRelease,
  type Release,
  releases,
} from "../lib/releases/mod.ts";
import { fromProject, inProject } from "../lib/paths.ts";
import { agrees } from "./cli/agree.ts";
import { parseFlags, splitWords } from "./cli/flags.ts";
import { main, type PrintJson, type Task } from "./cli/main.ts";
import { tell, tellNotes } from "./cli/output.ts";
import { duration, type Progress, progress } from "./cli/progress.ts";
import { count, tellRejected, typed } from "./cli/show.ts";
import { decodeAll } from "./data.ts";

const flags = z.strictObject({
  to: z.string().optional().describe("Folder for the corpus. outputs/data/<corpus> by default."),
  yes: z.boolean().default(false).describe("Do not ask before fetching."),
  keep: z.boolean().default(false).describe("Keep the archive after it is unpacked."),
});

/** Returns the task for some releases. Tests have their own server. */
export const dataGet = (known: readonly Release[] = releases, http = HTTP): Task => ({
  name: "data-get",
  words: "[<corpus>]",
  summary:
    "Fetches a corpus from its publisher, checks it, unpacks it, and writes what it contains as a page.",
  flags,
  examples: [
    ["deno task data-get", "lists the corpora, and where to ask for those that are not free to fetch"],
    ["deno task data-get ravdess", "then: deno task train --data outputs/data/ravdess"],
    ["deno task data-get meld --to /big/meld --yes", "10.9 GB, without a question; the sound becomes FLAC"],
  ],
  notes:
    "To continue an interrupted fetch, run the same command again; what is there is not fetched again. It " +
    "also repairs: files that are missing, or whose size has changed, are unpacked again. Nothing else is ever " +
    "fetched. HTTPS_PROXY and NO_PROXY set the proxy. The licence of each corpus is yours to keep.",

  async run(args, signal, json) {
    const { words: [name, ...others], rest } = splitWords(flags, args);
    const { to, yes, keep } = parseFlags(flags, rest);
    if (others.length > 0) {
      throw badInput({
        expected: "one corpus",
        found: `also '${others.join(" ")}'`,
        at: "the command line",
        todo: "Fetch one after the other.",
      });
    }
    if (name === undefined) return list(known, json);
    const release = named(name, known), folder = fromProject(to ?? `outputs/data/${release.id}`);
    const plan = await planRelease(release, folder);
    if (!plan.isComplete) await consent(release, plan, yes, signal);
    const shown = steps(signal);
    const got = await getRelease(release, folder, {
      signal,
      keep,
      http: {
        ...http,
        onPause: (why, time) => shown.pause(`found ${why}; trying again in ${duration(time / 1000)}`),
      },
      onProgress: shown.update,
      onNote: shown.note,
    }).finally(shown.end);
    tellNotes(got.notes);
    console.log(
      `${plan.isComplete ? "Already complete" : "Complete"}: ${count(got.clips, "clip")}, in ${folder}`,
    );
    await audit(release, folder, plan.isComplete, signal, json);
  },
});

/** Shows the steps of a fetch, a line for each, and its notes between them. */
function steps(signal: AbortSignal) {
  let line: Progress | undefined, current = "";
  const end = () => {
    line?.end();
    line = undefined;
    current = "";
    if (signal.aborted) console.error("Stopped. What was fetched is kept: run the same command to continue.");
  };
  const update: GetOptions["onProgress"] = (step, done, total, what) => {
    if (step !== current) line?.end();
    if (step !== current) line = progress(step, undefined, undefined, counted);
    current = step;
    line!.update(done, total, what);
  };
  const pause = (text: string) => {
    line?.end();
    tell(text);
  };
  const note = (text: string) => {
    line?.end();
    tellNotes([text]);
  };
  return { update, pause, note, end };
}

const counted = (done: number, total: number) => `${(done / 1e6).toFixed(1)}/${(total / 1e6).toFixed(1)} MB`;

/** Tells what a fetch takes and asks. Throws UndertoneError unless the user agrees. */
async function consent(release: Release, plan: GetPlan, yes: boolean, signal: AbortSignal) {
  const free = await freeSpace(plan.folder);
  const hosts = new Set(
    release.archives.flatMap(({ mirrors }) => mirrors.map(({ url }) => new URL(url).host)),
  );
  tell(`${release.name}: about ${gigabytes(plan.fetch)} to fetch from ${[...hosts].join(", or ")}`);
  tell(`into     ${plan.folder}`);
  tell(
    `disk     ${gigabytes(plan.space)} needed, ${
      free === undefined ? "free space is not known" : `${gigabytes(free)} free`
    }`,
  );
  tell(`licence  ${release.licence}, see ${release.page}`);
  tell(`checked  ${release.checked}`);
  if (yes || (Deno.stdin.isTerminal() && await agrees("Fetch it?", signal))) return;
  throw badInput({
    expected: "your consent to fetch it",
    found: Deno.stdin.isTerminal() ? "none" : "no terminal that could give it",
    at: "the question above",
    todo: "Answer y, or add --yes.",
  });
}

/** Audits a corpus that was fetched, with every clip decoded, and writes the page. */
async function audit(release: Release, folder: string, isOld: boolean, signal: AbortSignal, json: PrintJson) {
  const data = folder.startsWith(inProject("outputs")) ? folder.slice(inProject("").length) : folder;
  const isKnown = dataSources().some(({ id }) => id === release.id), id = isKnown ? `${release.id}:` : "";
  const use = `Use it   ${typed("train")} --data ${id}${data}`;
  const page = `${folder}/audit.html`;
  if (isOld && await Deno.stat(page).then(() => true, () => false)) {
    console.log(`Page     ${page}\n${use}`);
    return json({ release: release.id, folder, page });
  }
  const dataset = await loadDataset(id + folder);
  tellRejected(dataset.rejected, page);
  const counts = auditDataset(dataset);
  for (const line of auditLines(counts)) console.log(line);
  const decoded = await decodeAll(dataset, { keepText: false, signal });
  const unusable = [...dataset.rejected, ...decoded.rejected];
  await writeAudit(folder, counts, unusable, [`From ${release.page}, ${release.licence}.`]);
  if (unusable.length > 0) {
    console.log(
      `${
        count(unusable.length, "row")
      } can't be used; training leaves them out, or keeps texts with --keep-text.`,
    );
  }
  console.log(`Page     ${page}\n${use}`);
  json({ release: release.id, folder, page, ...counts, left_out: unusable, decoded });
}

/** Returns the release of a name. Throws UndertoneError, which says where to ask for others. */
function named(name: string, known: readonly Release[]): Release {
  const id = name.toLowerCase(), release = known.find((each) => each.id === id);
  if (release) return release;
  const other = elsewhere.find((each) => each.id === id);
  if (other) {
    throw badInput({
      expected: "a corpus that anyone may fetch",
      found: `${other.name}, which its owners give out,`,
      at: other.page,
      todo: other.how,
    });
  }
  const all = [...known, ...elsewhere].map(({ id }) => id), meant = nearest(id, all);
  throw badInput({
    expected: "a corpus",
    found: `'${name}'`,
    at: "the command line",
    todo: meant ? `Did you mean ${meant}?` : `Choose one of ${all.join(", ")}.`,
  });
}

function list(known: readonly Release[], json: PrintJson): void {
  console.log("Fetched from their publishers:");
  for (const { id, name, licence, page } of known) {
    console.log(`  ${id.padEnd(14)} ${name}; ${licence}; ${page}`);
  }
  console.log("Given out by their owners:");
  for (const { id, name, page, how } of elsewhere) console.log(`  ${id.padEnd(14)} ${name}; ${page}; ${how}`);
  json({ fetched: known.map(({ id, page, licence }) => ({ id, page, licence })), elsewhere });
}

export const task = dataGet();

if (import.meta.main) await main(task);
