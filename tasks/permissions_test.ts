/** Checks what each task may do, and that each does its work with exactly that. */
import { deepEqual, equal, match, ok } from "../lib/testing/assert.ts";
import { testWith } from "../lib/testing/needs.ts";
import { smallData } from "../lib/jobs/testing.ts";
import { inProject } from "../lib/mod.ts";
import { releases } from "../lib/releases/mod.ts";

type Granted = true | string[];
type Permissions = Record<string, Granted>;

const { tasks, permissions } = JSON.parse(await Deno.readTextFile(inProject("deno.json"))) as {
  tasks: Record<string, { description: string; command: string }>;
  permissions: Record<string, Permissions>;
};

/** The tasks that run a module with a set of permissions. `check` runs Deno's own tools. */
const commands = new Map(
  Object.entries(tasks).filter(([name]) => name !== "check").map(([name, { command }]) => {
    const words = command.split(" "), set = words.find((word) => word.startsWith("-P="))?.slice(3);
    return [name, { words, set: set ?? "none" }];
  }),
);

/** Returns the tasks that have a permission, with its extent. */
const having = (kind: string) =>
  Object.fromEntries(
    [...commands].flatMap(([name, { set }]) =>
      kind in permissions[set] ? [[name, permissions[set][kind]]] : []
    ),
  );

/** The variables that a task sets. */
const SETTINGS: Record<string, string[]> = {
  "test-long": ["UNDERTONE_LONG_TESTS=1"],
  "test-notebooks": ["UNDERTONE_NOTEBOOK_TESTS=1"],
};

Deno.test("every task names its permissions, asks for no updates, and has a description", () => {
  for (const [name, { words, set }] of commands) {
    const settings = SETTINGS[name] ?? [];
    const start = [...settings, "DENO_NO_UPDATE_CHECK=1", "deno", "run", "--quiet", `-P=${set}`];
    deepEqual(words.slice(0, start.length), start);
    match(words[start.length], /^tasks\/\w+\.ts$/);
    equal(words.length, start.length + (name === "test-notebooks" ? 2 : 1));
  }
  for (const { description } of Object.values(tasks)) match(description, /^\w.{10,80}[^.]$/);
  const used = new Set([...commands.values()].map(({ set }) => set));
  deepEqual(Object.keys(permissions).filter((set) => !used.has(set)), []);
});

const HUB = ["huggingface.co", "*.huggingface.co", "*.hf.co"];

Deno.test("only 'models' and 'data-get' reach the network, and only the hub's and the publishers' hosts", () => {
  const { models, "data-get": publishers, ...others } = having("net") as Record<string, string[]>;
  // 'demo' serves a page to this machine.
  deepEqual([models, others], [HUB, { demo: ["127.0.0.1"] }]);
  const urls = releases.flatMap(({ archives, lfs = [] }) => [
    ...archives.flatMap(({ mirrors }) => mirrors.map(({ url }) => url)),
    ...lfs,
  ]);
  deepEqual(publishers.toSorted(), [...new Set([...HUB, ...urls.map((url) => new URL(url).host)])].sort());
});

Deno.test("'completions' writes nothing, 'data' only the cache, 'bench' only below outputs; 'docs' lets deno doc write", () => {
  const write = having("write");
  deepEqual([...commands.keys()].filter((name) => !(name in write)), ["docs", "completions"]);
  deepEqual(Object.entries(write).filter(([, extent]) => extent !== true), [
    ["data", ["outputs/cache"]],
    ["bench", ["outputs"]],
  ]);
});

Deno.test("programs are named, except where a task exists to run others", () => {
  const run = having("run"), any = Object.keys(run).filter((name) => run[name] === true);
  deepEqual(any, [
    ...["demo", "setup-tensorflow", "docs", "notebook", "bench"],
    ...["test", "test-long", "test-notebooks", "soak"],
  ]);
  for (
    const name of [
      ...["train", "infer", "evaluate", "explain", "cross", "export", "transcribe"],
      ...["data", "data-get"],
    ]
  ) {
    deepEqual(run[name], ["ffmpeg"]);
  }
  for (const name of ["ablate", "encode", "search"]) {
    deepEqual(run[name], ["ffmpeg", "deno", "sbatch", "squeue", "scontrol", "scancel"]);
  }
});

Deno.test("only tasks that train may load any native code; others name its folders", () => {
  const ffi = Object.entries(having("ffi")), folders = ["node_modules", "outputs/engines"];
  const any = ffi.filter(([, extent]) => extent === true).map(([name]) => name);
  deepEqual(any.sort(), ["ablate", "bench", "cross", "search", "train"]);
  for (const [, extent] of ffi) if (extent !== true) ok(extent.every((folder) => folders.includes(folder)));
});

Deno.test("environment variables and system facts are named; a notebook's kernel inherits all variables", () => {
  const named = (kind: string) =>
    Object.entries(having(kind)).filter(([, names]) =>
      names === true || names.some((each) => each.includes("*"))
    );
  deepEqual(named("env").map(([name]) => name), ["notebook"]);
  deepEqual(named("sys"), []);
});

Deno.test("a task that runs as a part of a launch may read the variables with which Slurm names it", () => {
  const env = having("env");
  for (const [name, programs] of Object.entries(having("run"))) {
    if (!(programs as string[]).includes?.("sbatch")) continue;
    for (const word of ["ARRAY_JOB_ID", "ARRAY_TASK_ID", "RESTART_COUNT"]) {
      ok((env[name] as string[]).includes(`SLURM_${word}`), `${name} ${word}`);
    }
  }
});

Deno.test("tasks that load ONNX Runtime may turn its telemetry off", () => {
  const env = having("env");
  for (const [name, folders] of Object.entries(having("ffi"))) {
    if (folders !== true && !folders.includes("node_modules")) continue;
    ok((env[name] as string[]).includes("ORT_DISABLE_TELEMETRY"), name);
  }
});

/** Runs a task as `deno task` would, and returns what it printed. Fails if it asks for a permission. */
async function output(name: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const { words } = commands.get(name)!, start = words.indexOf("run") + 1;
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...words.slice(start), ...args],
    cwd: inProject("."),
    stdout: "piped",
    stderr: "piped",
    env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
  });
  const { code, stdout, stderr } = await command.output(),
    text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

const folder = await Deno.makeTempDir({ prefix: "undertone-permissions" });
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

const cache = `--cache=${folder}/cache`, run = `${folder}/run`;
const small = `--data=${await smallData()}/manifest.csv`;
const quick = ["--epochs=1", "--audio=log-mel", `--out=${folder}`, cache];
const own = `${folder}/own.ts`;
await Deno.writeTextFile(
  own,
  `import { registerMetric } from "@undertone/undertone";
  registerMetric({ id: "none", label: "none", targets: ["class"], higherIsBetter: true, percent: false,
    compute: () => 0 });`,
);

const other = `${folder}/other.csv`,
  lines = ["joy", "anger"].map((label, i) => `${i},${label} it is,${label}`);
await Deno.writeTextFile(other, ["id,text,label", ...lines].join("\n"));
const whisper = inProject("lib/testing/fixtures/transcription/tiny-whisper");
const clip = inProject("lib/testing/fixtures/audio/pcm16_16k_mono.wav");
await Deno.writeTextFile(
  `${folder}/mute.csv`,
  `id,split,audio,label\na,train,${clip},joy\nb,train,${clip},anger\nc,dev,${clip},joy\n`,
);
const wav2vec2 = inProject("lib/testing/fixtures/encoders/tiny-wav2vec2");

/** What each task does in this test, in this order, and what it then says. */
const WORK: readonly [task: string, args: string[], says: RegExp][] = [
  ["data", ["--data=sample"], /^rows +180 +50 +50$/m],
  ["encode", [small, "--audio=log-mel", cache], /^audio: 36 rows/m],
  [
    "encode",
    [`--data=${folder}/mute.csv`, `--audio=hf-onnx:${wav2vec2}`, cache],
    /^audio: 3 rows, 1 distinct/m,
  ],
  [
    "transcribe",
    [
      `--data=${folder}/mute.csv`,
      `--model=hf-onnx:${whisper}`,
      "--language=en",
      `--output=${folder}/heard.csv`,
    ],
    /^3 rows transcribed$/m,
  ],
  ["train", [...quick, small, "--name=run"], /^Result on dev$/m],
  ["train", [...quick, small, "--name=own", `--use=${own}`, "--no-controls"], /none/],
  ["infer", [`--checkpoint=${run}`, "--n-samples=2", cache], /predicted/],
  ["infer", [`--checkpoint=${run}`, "--text=You did what?", "--engine=cpu"], /predicted/],
  ["evaluate", [`--run=${run}`], /^Result on dev$/m],
  ["explain", [`--run=${run}`, "--row=dev_001", "--window=1"], /^Page: .*explain\.dev_001\.html$/m],
  ["ablate", [...quick, small, "--methods=early_fusion", "--seeds=1", "--name=ablation"], /early_fusion/],
  [
    "search",
    [
      ...[...quick, small, "--method=text_only", "--search.lr=[0.001,0.01]", "--trials=2", "--retrain=1"],
      "--name=search",
    ],
    /^Trial \d is best on dev: lr .* 1 fresh seed \(2\)/m,
  ],
  [
    "cross",
    [...quick, "--train=sample", `--test=${other}`, "--method=text_only", "--name=cross"],
    /^UA .*\n[^]*sample/m,
  ],
  ["runs", [`--out=${folder}`], /^run +run +\S.*finished/m],
  ["report", ["--run=run", "--run=own", `--out=${folder}`], /^Markdown +.*report\.md$/m],
  ["runs", ["rm", "own", "--yes", `--out=${folder}`], /^Removed 1 folder: .* freed\.$/m],
  ["export", [`--checkpoint=${run}`, `--to=${folder}/model.onnx`], /no probability differs/],
  ["check-method", ["text_only"], /12 of 12 checks passed/],
  ["doctor", [`--out=${folder}`], /All is well/],
  ["models", ["list"], /./],
  ["models", ["push", run, "--to=jane/emotions", "--dry-run"], /^Nothing was sent: this was a dry run\.$/m],
  ["data-get", [], /^ +meld +MELD; GPL-3\.0/m],
  ["docs", [`--out=${folder}/pages`], /index\.html/],
  ["bench", ["--case=epoch:early_fusion", "--rounds=1", "--rows=70", "--threads=1"], /Median times/],
  ["completions", ["bash"], /train/],
];

for (const [i, [name, args, says]] of WORK.entries()) {
  Deno.test(`${i + 1}. deno task ${name} does its work with its own permissions`, async () => {
    const { code, out, err } = await output(name, ...args);
    equal(code, 0, err);
    match(out, says);
  });
}

// The others do their work above.
for (const name of [...commands.keys()].filter((name) => !WORK.some(([task]) => task === name))) {
  Deno.test(`deno task ${name} --help works with the task's own permissions`, async () => {
    const { code, out, err } = await output(name, "--help");
    equal(code, 0, err);
    match(out, new RegExp(`deno task ${name}\\b`));
  });
}

testWith(
  "strace",
  "deno task doctor, which loads engine and encoders and reads data, opens no connection to the network",
  async () => {
    const trace = `${folder}/trace`;
    const { code } = await new Deno.Command("strace", {
      args: [
        ...["-f", "--seccomp-bpf", "-e", "trace=connect,sendto", "-o", trace],
        ...[Deno.execPath(), "task", "doctor", `--out=${folder}`],
      ],
      cwd: inProject("."),
      stdout: "null",
      stderr: "null",
    }).output();
    equal(code, 0);
    const reached = (await Deno.readTextFile(trace)).split("\n").filter((line) => line.includes("AF_INET"));
    deepEqual(reached, []);
  },
);

testWith("nbclient", "deno task notebook runs a notebook with its own permissions", async () => {
  const cell = { cell_type: "code", source: ["1 + 1"], metadata: {}, outputs: [], execution_count: null };
  const kernel = { kernelspec: { name: "deno", language: "typescript", display_name: "Deno" } };
  const notebook = { cells: [cell], metadata: kernel, nbformat: 4, nbformat_minor: 4 };
  await Deno.writeTextFile(`${folder}/two.ipynb`, JSON.stringify(notebook));
  const { code, out, err } = await output("notebook", `${folder}/two.ipynb`, `--out=${folder}/notebooks`);
  equal(code, 0, err);
  match(out, /Executed copy/);
});

testWith(
  "strace",
  "a traced training sends nothing to the network, and neither does deno task itself",
  async () => {
    const log = `${folder}/trace`, trace = ["-f", "--seccomp-bpf", "-qq", "-e", "trace=%network", "-o", log];
    const train = ["train", ...quick, "--name=traced", "--no-controls", "--method=text_only"];
    const { code, stderr } = await new Deno.Command("strace", {
      args: [...trace, Deno.execPath(), "task", ...train],
      cwd: inProject("."),
      env: { NO_COLOR: "1" },
      stdout: "null",
      stderr: "piped",
    }).output();
    equal(code, 0, new TextDecoder().decode(stderr));
    const calls = (await Deno.readTextFile(log)).split("\n");
    ok(calls.length > 1);
    // Asking the kernel for the addresses of this machine (AF_NETLINK) sends nothing.
    deepEqual(calls.filter((call) => /^\d+ +(socket|connect|bind|send\w*)\(.*\bAF_INET6?\b/.test(call)), []);
  },
);

Deno.test("another hub than Hugging Face's is refused with the command that allows it", async () => {
  const { words } = commands.get("models")!;
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...words.slice(words.indexOf("run") + 1), "add", "some/model"],
    cwd: inProject("."),
    env: { HF_ENDPOINT: "https://hub.invalid:8443", NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).output();
  equal(code, 2);
  match(
    new TextDecoder().decode(stderr),
    /found none for hub\.invalid:8443 at HF_ENDPOINT.*\. Allow .*deno run --quiet -P=models --allow-net=hub\.invalid:8443,huggingface\.co,\*\.huggingface\.co,\*\.hf\.co tasks\/models\.ts add some\/model/,
  );
});
