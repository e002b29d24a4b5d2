/** The page in a real browser, without a network: files, words and the microphone. */
import { deepEqual, equal, match, ok } from "../lib/testing/assert.ts";
import { infer, trainRun } from "../lib/jobs/mod.ts";
import { collect, smallConfig, smallData, wav16 } from "../lib/jobs/testing.ts";
import { inProject } from "../lib/paths.ts";
import { openTab, type Tab } from "../lib/testing/devtools.ts";
import { testWith } from "../lib/testing/needs.ts";
import { fixture } from "../lib/testing/shared.ts";
import { captured } from "./cli/testing.ts";
import { serve } from "./demo/serve.ts";
import { task } from "./demo.ts";

const clip = (name: string) => fixture(`audio/${name}`);

/** Builds a page as `deno task` does, with the task's own permissions. */
async function build(run: string, out: string): Promise<void> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--quiet", "-P=demo", "tasks/demo.ts", `--run=${run}`, `--out=${out}`],
    cwd: inProject("."),
    env: { DENO_NO_UPDATE_CHECK: "1" },
    stdout: "null",
  }).output();
  equal(code, 0, new TextDecoder().decode(stderr));
}

/** Drives the page as a user would. */
function driven(tab: Tab) {
  const id = (name: string) => `document.getElementById("${name}")`;
  const asked = `!${id("predict")}.disabled && (${id("error")}.textContent || !${id("result")}.hidden)`;
  const told = async () => {
    await tab.until(asked);
    return {
      error: await tab.evaluate<string>(`${id("error")}.textContent`),
      notes: await tab.evaluate<string>(`${id("notes")}.textContent`),
      values: JSON.parse(await tab.evaluate<string>(`${id("result")}.dataset.values ?? "{}"`)) as Record<
        string,
        number
      >,
    };
  };
  return {
    /** Chooses a file, and returns what the page says. */
    async choose(path: string) {
      const { root } = await tab.send("DOM.getDocument") as { root: { nodeId: number } };
      const { nodeId } = await tab.send("DOM.querySelector", { nodeId: root.nodeId, selector: "#file" });
      await tab.send("DOM.setFileInputFiles", { nodeId, files: [path] });
      return await told();
    },
    async predict(words: string) {
      await tab.evaluate(`${id("text")}.value = ${JSON.stringify(words)}; ${id("form")}.requestSubmit()`);
      return await told();
    },
    async record(seconds: number) {
      await tab.evaluate(`${id("record")}.click()`);
      await tab.until(`parseFloat(${id("clock")}.textContent) > ${seconds} || ${id("error")}.textContent`);
      await tab.evaluate(`${id("recording")}.hidden || ${id("record")}.click()`);
      return await told();
    },
    remove: () => tab.evaluate(`${id("remove")}.click()`),
  };
}

testWith(
  ["time", "Chromium", "onnxruntime-web"],
  "the page predicts as infer does, from file, words and microphone",
  async () => {
    const data = await smallData({ train: 12, dev: 4, test: 4 }), run = `${data}/outputs/run`;
    await collect(trainRun(smallConfig(data, { name: "run", epochs: 1 }), { controls: false }));
    await build(run, `${data}/page`);
    const stop = new AbortController(), { promise: url, resolve } = Promise.withResolvers<string>();
    const ended = serve(`${data}/page`, { port: 0, signal: stop.signal, onListen: resolve });
    try {
      await using tab = await openTab(
        await url,
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        `--use-file-for-fake-audio-capture=${clip("pcm16_16k_mono.wav")}`,
      );
      await tab.until(`!document.getElementById("form").hidden`);
      const page = driven(tab), words = "You did what?";
      const equalToInfer = async (
        values: Record<string, number>,
        given: { text?: string; audio?: string },
      ) => {
        const rows = [{ id: "a", split: "test" as const, ...given }];
        const { predictions: [{ probabilities }] } = await infer(run, { rows, root: data });
        deepEqual(Object.keys(values), Object.keys(probabilities));
        for (const [label, p] of Object.entries(probabilities)) {
          ok(
            Math.abs(p - values[label]) < 1e-4,
            `${label}: ${p}`,
          );
        }
      };
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
      const hosts = new Set(
        tab.requests.filter((each) => each.startsWith("http")).map((each) => new URL(each).host),
      );
      deepEqual([...hosts], [new URL(await url).host]);
    } finally {
      stop.abort();
      await ended;
      await Deno.remove(data, { recursive: true });
    }
  },
);

Deno.test("a folder with other files is not replaced, and a run is needed", async () => {
  const folder = await Deno.makeTempDir({ prefix: "undertone" });
  await Deno.writeTextFile(`${folder}/own.txt`, "mine");
  const refused = await captured(task, `--run=${fixture("runs/v0.1/frozen")}`, `--out=${folder}`);
  equal(refused.code, 2);
  match(refused.err.join("\n"), /an earlier page to replace but found other files/);
  equal(await Deno.readTextFile(`${folder}/own.txt`), "mine");
  match((await captured(task, `--out=${folder}`)).err.join("\n"), /--run/);
  await Deno.remove(folder, { recursive: true });
});
