/** The page in a real browser, without a network: files, words and the microphone. */
import { basename } from "node:path";
import { infer, trainRun } from "../lib/jobs/mod.ts";
import { collect, smallConfig, smallData, wav16 } from "../lib/jobs/testing.ts";
import { inProject } from "../lib/paths.ts";
import { deepEqual, equal, match, ok } from "../lib/testing/assert.ts";
import { openTab, type Tab } from "../lib/testing/browser.ts";
import { testWith } from "../lib/testing/needs.ts";
import { fixture } from "../lib/testing/shared.ts";
import { captured } from "./cli/testing.ts";
import { serve } from "./demo/serve.ts";
import { task } from "./demo.ts";

const clip = (name: string) => fixture(`audio/${name}`);

/** A browser that reaches this machine alone, and whose microphone hears one clip again and again. */
const FLAGS = [
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
  "--use-fake-ui-for-media-stream",
  "--use-fake-device-for-media-stream",
  `--use-file-for-fake-audio-capture=${clip("pcm16_16k_mono.wav")}`,
];

/** Builds a page with the task's own permissions, as `deno task` does. */
async function build(run: string, out: string): Promise<void> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--quiet", "-P=demo", "tasks/demo.ts", `--run=${run}`, `--out=${out}`],
    cwd: inProject("."),
    env: { DENO_NO_UPDATE_CHECK: "1" },
    stdout: "null",
    stderr: "piped",
  }).output();
  equal(code, 0, new TextDecoder().decode(stderr));
}

const id = (name: string) => `document.getElementById("${name}")`;

/** Drives the page as a user would. */
function driven(tab: Tab) {
  /** Waits until an expression is true after a change of the page. */
  const until = (expression: string) =>
    tab.evaluate(`new Promise((done) => {
      const look = () => { if (${expression}) done(); };
      const changes = { subtree: true, childList: true, attributes: true, characterData: true };
      new MutationObserver(look).observe(document, changes);
      look();
    })`);
  const told = async () => {
    await until(`!${id("predict")}.disabled && (${id("error")}.textContent || !${id("result")}.hidden)`);
    return {
      error: await tab.evaluate<string>(`${id("error")}.textContent`),
      notes: await tab.evaluate<string>(`${id("notes")}.textContent`),
      values: await tab.evaluate<Record<string, number>>(
        `JSON.parse(${id("result")}.dataset.values ?? "{}")`,
      ),
    };
  };
  return {
    until,
    /** Chooses a file, and returns what the page says. */
    async choose(path: string) {
      const content = (await Deno.readFile(path)).toBase64(), name = JSON.stringify(basename(path));
      await tab.evaluate(`{
        const given = new DataTransfer(), input = ${id("file")};
        given.items.add(new File([Uint8Array.fromBase64("${content}")], ${name}));
        input.files = given.files;
        input.dispatchEvent(new Event("change"));
      }`);
      return await told();
    },
    async predict(words: string) {
      await tab.evaluate(`${id("text")}.value = ${JSON.stringify(words)}; ${id("form")}.requestSubmit()`);
      return await told();
    },
    async record(seconds: number) {
      await tab.evaluate(`${id("record")}.click()`);
      await until(`parseFloat(${id("clock")}.textContent) > ${seconds} || ${id("error")}.textContent`);
      await tab.evaluate(`${id("recording")}.hidden || ${id("record")}.click()`);
      return await told();
    },
    remove: () => tab.evaluate(`${id("remove")}.click()`),
  };
}

testWith(
  ["time", "Chromium", "onnxruntime-web"],
  "the page answers as infer does, and is accessible",
  async () => {
    const data = await smallData({ train: 12, dev: 4, test: 4 }), run = `${data}/outputs/run`;
    await collect(trainRun(smallConfig(data, { name: "run", epochs: 1 }), { controls: false }));
    await build(run, `${data}/page`);
    const stop = new AbortController(), { promise: url, resolve } = Promise.withResolvers<string>();
    const ended = serve(`${data}/page`, { port: 0, signal: stop.signal, onListen: resolve });
    const equalToInfer = async (values: Record<string, number>, given: { text?: string; audio?: string }) => {
      const rows = [{ id: "a", split: "test" as const, ...given }];
      const { predictions: [{ probabilities }] } = await infer(run, { rows, root: data });
      deepEqual(Object.keys(values), Object.keys(probabilities));
      for (const [label, p] of Object.entries(probabilities)) {
        ok(Math.abs(p - values[label]) < 1e-4, `${label}: ${p} ${values[label]}`);
      }
    };
    try {
      await using tab = await openTab(FLAGS);
      await tab.open(await url);
      const page = driven(tab), words = "You did what?";
      await page.until(`!${id("form")}.hidden`);
      for (const name of ["pcm16_16k_mono.wav", "float32_44k1_mono.wav", "pcm24_48k_stereo.wav"]) {
        const { values, notes, error } = await page.choose(clip(name));
        equal(error + notes, "");
        await equalToInfer(values, { audio: clip(name) });
      }
      await equalToInfer((await page.predict(words)).values, {
        text: words,
        audio: clip("pcm24_48k_stereo.wav"),
      });
      await page.remove();
      await equalToInfer((await page.predict(words)).values, { text: words });
      await page.predict("");
      match((await page.choose(clip("mp3_44k1_mono.mp3"))).notes, /The browser decoded this file/);

      const axe = await Deno.readTextFile(new URL(import.meta.resolve("axe-core/axe.min.js")));
      await tab.evaluate(`${axe}; ${id("about")}.open = true`);
      for (const dark of [false, true]) {
        await tab.screen({ width: 390, dark });
        const run =
          "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + nodes[0].html))";
        deepEqual(await tab.evaluate(run), []);
        equal(await tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), true);
      }

      const long = `${data}/long.wav`;
      await Deno.writeFile(long, wav16(new Float32Array(31 * 16_000)));
      match((await page.choose(long)).error, /at most 30 s but found a recording of 31 s at long.wav/);
      match(
        (await page.choose(clip("dirty_text_renamed.wav"))).error,
        /no recording that this browser can decode/,
      );
      match((await page.choose(clip("dirty_empty.wav"))).error, /is empty/);
      match((await page.choose(clip("dirty_silent.wav"))).error, /with speech but found none/);

      const { values, error } = await page.record(2);
      equal(error, "");
      ok(Math.abs(Object.values(values).reduce((a, b) => a + b) - 1) < 1e-4);
      const loaded = await tab.evaluate<string[]>(
        "performance.getEntriesByType('resource').map(({ name }) => name)",
      );
      deepEqual([...new Set(loaded.map((each) => new URL(each).origin))], [new URL(await url).origin]);
    } finally {
      stop.abort();
      await ended;
      await Deno.remove(data, { recursive: true });
    }
  },
);

Deno.test("a folder with other files is not replaced", async () => {
  const folder = await Deno.makeTempDir({ prefix: "undertone" });
  await Deno.writeTextFile(`${folder}/own.txt`, "mine");
  const { code, err } = await captured(task, `--run=${fixture("runs/v0.1/frozen")}`, `--out=${folder}`);
  equal(code, 2);
  match(err.join("\n"), /an earlier page to replace but found other files/);
  equal(await Deno.readTextFile(`${folder}/own.txt`), "mine");
  await Deno.remove(folder, { recursive: true });
});
