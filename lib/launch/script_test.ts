import { deepEqual, equal, match, ok, throws } from "../testing/assert.ts";
import { commandOf, type JobArray, ranges } from "./array.ts";
import { sbatchOptions } from "./options.ts";
import { jobScript, probeScript, quoted } from "./script.ts";

const array: JobArray = {
  folder: "/shared/my runs/launch",
  name: "my runs",
  task: "ablate",
  set: "ablate",
  flags: ["--config=/shared/my runs/launch/config.json"],
  part: "cell",
  size: 12,
};

Deno.test("numbers are written as ranges", () => {
  equal(ranges([7, 1, 2, 3, 9, 10]), "1-3,7,9-10");
  equal(ranges([]), "");
});

Deno.test("a part is the task's command with the part as its last flag", () => {
  const command = commandOf(array, 3);
  equal(command.at(-1), "--cell=3/12");
  ok(command.includes("-P=ablate"));
});

Deno.test("words are quoted for the shell", async () => {
  for (const word of ["a b", "it's", "$HOME", "a`b`", "plain-1.0/x", '"', "\\"]) {
    const { stdout } = await new Deno.Command("sh", { args: ["-c", `printf %s ${quoted(word)}`] }).output();
    equal(new TextDecoder().decode(stdout), word);
  }
});

Deno.test("the script asks for a warning, appends to its log, and becomes the Deno program", () => {
  const script = jobScript(array, { submission: 2, tasks: 5, deno: "/opt/deno" }, {
    parallel: 3,
    requeues: 4,
    setup: "module load cuda",
    partition: "gpu",
    cpus: 8,
    exclusive: true,
    mem_per_cpu: "2G",
  });
  for (
    const line of [
      "#SBATCH --job-name=my_runs",
      "#SBATCH --array=1-5%3",
      "#SBATCH --signal=B:USR2@90",
      "#SBATCH --open-mode=append",
      "#SBATCH --requeue",
      "#SBATCH --partition=gpu",
      "#SBATCH --cpus-per-task=8",
      "#SBATCH --exclusive",
      "#SBATCH --mem-per-cpu=2G",
      "module load cuda",
    ]
  ) ok(script.split("\n").includes(line), line);
  match(script, /^export .*UNDERTONE_REQUEUES=4$/m);
  match(
    script,
    /^part=\$\(sed -n "\$\{SLURM_ARRAY_TASK_ID\}p" '\/shared\/my runs\/launch\/parts-2\.txt'\)$/m,
  );
  match(
    script,
    /^exec \/opt\/deno run .* '--config=\/shared\/my runs\/launch\/config.json' --cell="\$part"\/12$/m,
  );
});

Deno.test("paths and values with spaces stay whole for sbatch, and only the last word is the part", () => {
  const data = { ...array, flags: ["--data=PART/m.csv"] };
  const script = jobScript(data, { submission: 1, tasks: 1, deno: "/opt/deno" }, { comment: "a # b" });
  const lines = [...script.split("\n"), ...probeScript(array, [], { account: "my lab" }).split("\n")];
  for (
    const line of [
      "#SBATCH --output='/shared/my runs/launch/logs/%A_%a.log'",
      "#SBATCH '--comment=a # b'",
      "#SBATCH --output='/shared/my runs/launch/probe.log'",
      "#SBATCH '--account=my lab'",
    ]
  ) ok(lines.includes(line), line);
  match(script, / --data=PART\/m\.csv --cell="\$part"\/12$/m);
});

Deno.test("options that the script sets itself, and options that are none, are refused", () => {
  for (const name of ["array", "signal", "open-mode", "open_mode", "output"]) {
    throws(() => sbatchOptions({ [name]: "1" }), /does not set itself but found --slurm\./);
  }
  for (const name of ["job_name", "job-name", "job", "arr", "no-requeue", "test-only"]) {
    throws(() => sbatchOptions({ [name]: "1" }), /does not set itself but found --slurm\./);
  }
  deepEqual(sbatchOptions({ time: 5, mem: "2G", nice: 1 }), ["--time=5", "--mem=2G", "--nice=1"]);
  throws(() => sbatchOptions({ "a b": 1 }), /a name and one line of text/);
  throws(() => sbatchOptions({ comment: "a\n#SBATCH --uid=0" }), /one line of text/);
  deepEqual(sbatchOptions({ exclusive: false, parallel: 2, setup: "x", requeues: 1 }), []);
});

Deno.test("the probe names each path that a node lacks, and takes where to run from the options", async () => {
  const script = probeScript(array, ["/nowhere/encoder", "/"], { partition: "gpu", time: "9:00:00" });
  ok(script.includes("#SBATCH --partition=gpu") && !script.includes("9:00:00"));
  const { code, stdout } = await new Deno.Command("sh", {
    args: ["-c", script],
    env: { SLURMD_NODENAME: "node7" },
  }).output();
  equal(code, 1);
  const words = new TextDecoder().decode(stdout);
  match(words, /^lacks node7 \/nowhere\/encoder$/m);
  ok(!/^lacks \S+ \/$/m.test(words));
});
