import { join } from "node:path";
import { throws } from "../testing/assert.ts";
import { openRun } from "./run_folder.ts";

Deno.test("a mistyped run gets the nearest run beside it, and no other folder", async () => {
  const out = await Deno.makeTempDir();
  try {
    for (const name of ["first", "frost"]) await Deno.mkdir(join(out, name));
    await Deno.writeTextFile(join(out, "first/config.json"), "{}");
    throws(
      () => openRun(join(out, "fist")),
      /found nothing at .*fist\. Did you mean .*first\? If not, give the/,
    );
    throws(() => openRun(join(out, "frosts")), /found nothing at .*frosts\. Did you mean .*first\?/);
    throws(() => openRun(join(out, "second")), /found nothing at .*second\. Give the folder of one run/);
    throws(() => openRun(join(out, "first/config.json/x")), /found nothing at .*x\. Give the folder/);
    throws(() => openRun(join(out, "nowhere/first")), /found nothing at .*first\. Give the folder/);
    throws(() => openRun(join(out, "frost")), /found a folder without config\.json at .*frost\. Give the/);
  } finally {
    await Deno.remove(out, { recursive: true });
  }
});
