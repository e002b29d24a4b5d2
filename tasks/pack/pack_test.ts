/** A pack unpacked into a bare place without a network trains, encodes and is timed. */
import { join } from "node:path";
import { equal, match, ok } from "../../lib/testing/assert.ts";
import { testWith } from "../../lib/testing/needs.ts";
import { fixture } from "../../lib/testing/shared.ts";
import { task } from "../pack.ts";
import { runTask } from "../cli/main.ts";
import { partsOf } from "./stage.ts";

Deno.test("the weights of the default text encoder are a part of their own", () => {
  const text = "node_modules/.deno/@energetic-ai+model-embeddings-en@0.2.0/node_modules/a/dist/model.bin";
  const other = "node_modules/.deno/zod@4.6.7/node_modules/zod/index.js";
  const { main, text: apart } = partsOf([other, text]);
  equal(main.join(), other);
  equal(apart.join(), text);
});

/** Bytes of a disk that carries the main archive. */
const MOST = 60e6;

testWith(["strace", "time", "Linux on x86_64"], {
  name: "the archives are complete: they work with an empty home, no network and three programs",
  async fn(test) {
    const place = await Deno.makeTempDir({ prefix: "undertone-pack" });
    equal(await runTask(task, ["--to", place, "--quiet"]), 0);
    const [main, text] = ["undertone-linux-x86_64.tar.xz", "undertone-text.tar.xz"].map((name) =>
      join(place, name)
    );
    ok((await Deno.stat(main)).size <= MOST, "the main archive is too large");
    for (const folder of ["home", "bin"]) await Deno.mkdir(join(place, folder));
    for (const program of ["sh", "tar", "cat"]) {
      await Deno.symlink(`/bin/${program}`, join(place, "bin", program));
    }
    const unpack = (archive: string) => run("/bin/tar", ["-xJf", archive, "-C", place], {});
    const root = join(place, "undertone");
    const offline = (...args: string[]) =>
      run("unshare", ["--map-root-user", "--net", join(root, "bin/deno"), "task", "--quiet", ...args], {
        cwd: root,
        clearEnv: true,
        env: { HOME: join(place, "home"), PATH: join(place, "bin"), NO_COLOR: "1" },
      });
    await unpack(main);
    const hub = `hf:${fixture("encoders/in-context")}`, alone = ["--text", "none", "--method", "audio_only"];
    await test.step("trains on voices", async () => {
      match(await offline("train", ...alone, "--epochs", "1", "--name", "voices"), /Result on dev/);
    });
    await test.step("encodes text with a model's folder", async () => {
      match(await offline("encode", "--audio", "none", "--text", hub), /^text: 280 rows/m);
    });
    await test.step("is timed", async () => {
      const args = ["--case", "step:early_fusion", "--rounds", "1", "--memory=false"];
      match(await offline("bench", ...args), /step:early_fusion/);
    });
    await unpack(text);
    await test.step("trains on words", async () => {
      const args = ["--audio", "none", "--method", "text_only", "--epochs", "1", "--name", "words"];
      match(await offline("train", ...args), /Result on dev/);
    });
    await Deno.remove(place, { recursive: true });
  },
});

async function run(program: string, args: string[], options: Deno.CommandOptions): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { ...options, args }).output();
  const [out, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  ok(success, out.slice(-1000) + error.slice(-2000));
  return out;
}
