/** What is sent to Slurm and what is told of its refusals, with programs that only print in its place. */
import { signOfLife } from "../files/mod.ts";
import { deepEqual, equal, match, ok, rejects } from "../testing/assert.ts";
import type { JobArray } from "./array.ts";
import { startArray } from "./launch.ts";
import { awaitFault } from "./probe.ts";
import { readLaunch, type Submission, writeLaunch } from "./record.ts";
import { queueStates, requireSlurm } from "./slurm.ts";

const root = await Deno.makeTempDir({ prefix: "undertone-slurm" }), path = Deno.env.get("PATH")!;
addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));

/** Runs something with programs of Slurm that are these shell scripts. */
async function withSlurm<T>(programs: Record<string, string>, work: () => Promise<T>): Promise<T> {
  const bin = await Deno.makeTempDir({ dir: root });
  for (const [name, script] of Object.entries(programs)) {
    await Deno.writeTextFile(`${bin}/${name}`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  await Deno.symlink("/bin/cat", `${bin}/cat`);
  Deno.env.set("PATH", "sbatch" in programs ? `${bin}:${path}` : bin);
  try {
    return await work();
  } finally {
    Deno.env.set("PATH", path);
  }
}

/** Jobs get the numbers 1, 2, ...; what was submitted stands in a log. */
const SLURM = {
  sbatch: `case "$*" in *--version*) exit 0;; esac
echo "sbatch $*" >>${root}/log; n=$(($(cat ${root}/n 2>/dev/null || echo 0) + 1)); echo $n >${root}/n; echo $n`,
  squeue: "exit 0",
  scancel: `echo "scancel $*" >>${root}/log`,
  scontrol: "exit 0",
};

const array = (name: string, size: number): JobArray => ({
  folder: `${root}/${name}`,
  name,
  task: "ablate",
  set: "ablate",
  flags: [],
  part: "cell",
  size,
});

/** Starts all parts of an array. */
const start = (name: string, size: number, hash = "h") =>
  startArray(array(name, size), {
    all: Array.from({ length: size }, (_, i) => ({ id: `c${i}`, hash })),
    wanted: Array.from({ length: size }, (_, i) => i + 1),
    paths: [],
    prepare: () => Promise.resolve(),
  }, { launcher: "slurm" });

const submitted = async () => {
  const lines = (await Deno.readTextFile(`${root}/log`)).trim().split("\n");
  await Deno.remove(`${root}/log`);
  return lines.map((line) => line.replaceAll(`${root}/`, ""));
};

Deno.test("without Slurm, a launch says where to start it", async () => {
  await withSlurm(
    {},
    () => rejects(requireSlurm(), /Slurm's sbatch on the PATH but found none .* login node/),
  );
});

Deno.test("many parts become arrays of the cluster's largest size behind one probe", async () => {
  const scontrol = 'echo "MaxArraySize            = 5"';
  await withSlurm({ ...SLURM, scontrol }, () => start("many", 10));
  const { submissions } = (await readLaunch(`${root}/many`))!;
  deepEqual(submissions.map(({ parts }) => parts), [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10]]);
  deepEqual(submissions.map(({ probe }) => probe), ["1", "1", "1"]);
  const behind = (n: number) =>
    `sbatch --parsable --dependency=afterok:1 --kill-on-invalid-dep=yes many/job-${n}.sh`;
  deepEqual(await submitted(), ["sbatch --parsable many/probe.sh", ...[1, 2, 3].map(behind)]);
  match(await Deno.readTextFile(`${root}/many/job-3.sh`), /--array=1-2%16/);
  equal(await Deno.readTextFile(`${root}/many/parts-2.txt`), "5\n6\n7\n8\n");
  const squeue = 'echo "2 3 RUNNING"; echo "4 2 PENDING"; echo "77 1 RUNNING"';
  const states = await withSlurm({ ...SLURM, squeue }, () => queueStates(`${root}/many`, submissions));
  deepEqual([...states], [[3, "running"], [10, "queued"]]);
});

Deno.test("what Slurm refuses is told in its words, and what it took before is cancelled", async () => {
  const sbatch = `case "$*" in *--version*|*probe.sh) echo 9;; *)
echo "sbatch: error: invalid partition specified: gpuu" >&2
echo "sbatch: error: Batch job submission failed: Invalid partition name specified" >&2; exit 1;; esac`;
  await withSlurm({ ...SLURM, sbatch }, () =>
    rejects(
      start("refused", 2),
      /found its refusal: invalid partition specified: gpuu Batch job .* at job-1\.sh\. .*sinfo lists partitions/,
    ));
  deepEqual(await submitted(), ["scancel --quiet 9"]);
  const old = 'echo "sbatch: unrecognized option --gpuz=1" >&2; exit 1';
  await withSlurm(
    { ...SLURM, sbatch: old },
    () => rejects(start("refused", 2), /its refusal: unrecognized option --gpuz=1/),
  );
});

Deno.test("parts in the queue are left there; a queue of other options is refused", async () => {
  await withSlurm(SLURM, () => start("again", 3));
  const job = (await readLaunch(`${root}/again`))!.submissions[0].job!;
  await submitted();
  const squeue = `echo "${job} 2 PENDING"`;
  const { started, queued } = await withSlurm({ ...SLURM, squeue }, () => start("again", 3));
  deepEqual([started, queued], [[1, 3], [2]]);
  await withSlurm(
    { ...SLURM, squeue },
    () => rejects(start("again", 3, "other"), /1 cells of an earlier launch/),
  );
});

Deno.test("a node that lacks a folder is named as soon as the probe has looked", async () => {
  await withSlurm(SLURM, () => start("lacking", 1));
  const folder = `${root}/lacking`,
    look = (scontrol: string) => withSlurm({ ...SLURM, scontrol }, () => awaitFault(folder, { seconds: 0 }));
  equal(await look('echo "JobId=1 JobState=PENDING NodeList=(null)"'), undefined);
  equal(await look('echo "JobId=1 JobState=COMPLETED NodeList=n1"'), undefined);
  equal(await look("exit 1"), undefined, "Slurm has forgotten the job");
  const failed = 'echo "JobId=1 JobState=FAILED NodeList=n7 BatchHost=n7"';
  match((await look(failed))!, /^The node n7 does not see .*lacking\. Put it on a file system/);
  await Deno.writeTextFile(`${folder}/probe.log`, "lacks n7 /models/wavlm\n");
  match((await look(failed))!, /^The node n7 does not see \/models\/wavlm\./);
  match((await look("exit 1"))!, /^The node n7 does not see \/models\/wavlm\./);
  equal(await look('echo "JobId=1 JobState=CANCELLED NodeList=(null)"'), undefined, "somebody cancelled it");
  await Deno.remove(`${folder}/probe.log`);
  match(
    (await look('echo "JobId=1 JobState=TIMEOUT NodeList=n7"'))!,
    /has failed: TIMEOUT\. .* Launch again/,
  );
  match((await look('echo "JobId=1 JobState=FAILED NodeList=(null)"'))!, /has failed: FAILED\./);
  const began = performance.now(), states = ["PENDING", "RUNNING", "FAILED"].join(" ");
  const scontrol = `n=$(($(cat ${root}/looks 2>/dev/null || echo 0) + 1)); echo $n >${root}/looks
set -- ${states}; shift $((n - 1)); echo "JobState=$1 NodeList=n7"`;
  const fault = await withSlurm({ ...SLURM, scontrol }, () => awaitFault(folder));
  ok(fault !== undefined && performance.now() - began > 1500, "it looks again until the probe has ended");
});

Deno.test("jobs whose submission was cut short are found by their script", async () => {
  await withSlurm(SLURM, () => start("lost", 3));
  const { submissions: [{ job }], ...launch } = (await readLaunch(`${root}/lost`))!;
  await writeLaunch(`${root}/lost`, { ...launch, submissions: [] }); // as before the process was killed
  const squeue = `echo "${job} 2 RUNNING ${root}/lost/job-1.sh"; echo "99 1 RUNNING /elsewhere/job-1.sh"`;
  const found: Submission[] = [];
  const states = await withSlurm({ ...SLURM, squeue }, () => queueStates(`${root}/lost`, found));
  deepEqual([[...states], found.map(({ job, parts }) => [job, parts])], [[[2, "running"]], [[job, [
    1,
    2,
    3,
  ]]]]);
  const { started, queued } = await withSlurm({ ...SLURM, squeue }, () => start("lost", 3));
  deepEqual([started, queued], [[1, 3], [2]]);
  deepEqual((await readLaunch(`${root}/lost`))!.submissions.map(({ parts }) => parts), [[1, 2, 3], [1, 3]]);
});

Deno.test("a launch that this machine still runs is refused, and goes on when it has ended", async () => {
  const sign = signOfLife()!, { folder } = array("runs", 1);
  await writeLaunch(folder, {
    launcher: "local",
    parts: [{ id: "c0", hash: "h" }],
    submissions: [{ at: "2026-01-01T00:00:00.000Z", parts: [1], alive: sign.path, ended: [] }],
  });
  await withSlurm(SLURM, async () => {
    await rejects(start("runs", 1), /whose cells have ended but found one that another process .* runs now/);
    sign.end();
    deepEqual((await start("runs", 1)).started, [1]);
  });
});
