/** `deno task models push`: shows what it would send, asks, and uploads a run to the hub. */
import { badInput } from "../../lib/errors.ts";
import {
  type Destination,
  destinationOf,
  type Hub,
  pushFiles,
  requireOwned,
  withToken,
} from "../../lib/hub/mod.ts";
import type { Pushable } from "../../lib/jobs/mod.ts";
import { agrees } from "../cli/agree.ts";
import type { PrintJson } from "../cli/main.ts";
import { tell } from "../cli/output.ts";
import { progress } from "../cli/progress.ts";
import { sized } from "../cli/runs.ts";
import { count, typed } from "../cli/show.ts";

/** What is pushed where. */
export interface PushOptions {
  run: string;
  /** `user/name`. */
  to?: string;
  onnx: boolean;
  /** Whether a new model may be seen by everybody. */
  isPublic: boolean;
  /** Whether to send nothing. */
  dry: boolean;
  /** Whether the user agreed beforehand. */
  yes: boolean;
}

/** Pushes a run. Throws UndertoneError. */
export async function push(
  { run, to, onnx, isPublic, dry, yes }: PushOptions,
  hub: Hub,
  signal: AbortSignal,
  json: PrintJson,
): Promise<void> {
  requireOwned(to);
  // Loaded here, because the other commands need no runs.
  const { pushable } = await import("../../lib/jobs/mod.ts");
  const plan = await pushable(run, { onnx }), total = plan.files.reduce((sum, { size }) => sum + size, 0);
  const writable = dry ? undefined : await withToken(hub);
  const there = writable && await destinationOf(writable, to, signal);
  console.error(planText(plan, total, { url: `${hub.endpoint}/${to}`, there, isPublic }));
  const files = plan.files.map(({ path, size }) => ({ path, size }));
  if (!writable || !there) {
    console.log("Nothing was sent: this was a dry run.");
    return json({ to, files, bytes: total, sent: false });
  }
  await requireConsent(yes, signal);
  const line = progress("push", undefined, undefined, (done, all) => `${sized(done)}/${sized(all)}`);
  const onPause = (why: string) => tell(`found ${why}; trying again`);
  const sent = await pushFiles({ ...writable, onPause }, to, plan.files, {
    to: there,
    isPrivate: !isPublic,
    title: `Undertone run ${plan.run.name}`,
    signal,
    onBytes: (have, path) => line.update(have, total, path),
  }).finally(line.end);
  console.log(`Sent ${count(files.length, "file")}, ${sized(total)}: ${sent.url}`);
  console.log(`Fetch it   ${typed("models")} add ${to}`);
  json({ to, ...sent, files, bytes: total, sent: true });
}

function planText(
  { files, left, notes }: Pushable,
  total: number,
  { url, there, isPublic }: { url: string; there?: Destination; isPublic: boolean },
): string {
  const width = Math.max(...files.map(({ path }) => path.length));
  const seen = (isPrivate?: boolean) =>
    isPrivate ? "private: its owner alone sees it" : "public: everybody sees it";
  const what = !there
    ? `A new model is ${seen(!isPublic)}. One that exists keeps its visibility.`
    : there.exists
    ? `It exists, and stays ${seen(there.isPrivate)}. Files of these names are replaced.`
    : `It is new, and will be ${seen(!isPublic)}.`;
  return [
    `To ${url}. ${what}`,
    ...files.map(({ path, size }) => `  ${path.padEnd(width)}  ${sized(size).padStart(9)}`),
    `  ${"in all".padEnd(width)}  ${sized(total).padStart(9)}`,
    ...left.length ? [`Not sent: ${staying(left)}`] : [],
    ...notes.map((note) => `note: ${note}`),
  ].join("\n");
}

/** Names what stays here. Figures and pages are counted. */
function staying(left: readonly string[]): string {
  const isDrawn = (name: string) => /\.(svg|png|html|js)$/.test(name),
    named = left.filter((name) => !isDrawn(name));
  const drawn = left.length - named.length;
  return [
    ...named,
    ...drawn ? [count(drawn, "figure or page").replace("figure or pages", "figures and pages")] : [],
  ]
    .join(", ");
}

async function requireConsent(yes: boolean, signal: AbortSignal): Promise<void> {
  const isTerminal = Deno.stdin.isTerminal();
  if (yes || isTerminal && await agrees("Send these files?", signal)) return;
  throw badInput({
    expected: "your consent to send them",
    found: isTerminal ? "none" : "no terminal that could give it",
    at: "the question above",
    todo: "Nothing was sent. Answer y, or add --yes.",
  });
}
