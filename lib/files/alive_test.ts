import { deepEqual, equal } from "../testing/assert.ts";
import { hasDied, removeOldSigns, signOfLife } from "./alive.ts";

Deno.test("a sign of life is held until it ends", () => {
  const sign = signOfLife()!;
  equal(hasDied(sign.path), false);
  sign.end();
  equal(hasDied(sign.path), false, "it is gone");
});

Deno.test("signs of processes that ended a day ago are removed, and no others", () => {
  const folder = Deno.makeTempDirSync(), old = new Date(Date.now() - 25 * 3600_000);
  const make = (name: string, at?: Date) => {
    Deno.writeTextFileSync(`${folder}/${name}`, "");
    if (at) Deno.utimeSync(`${folder}/${name}`, at, at);
  };
  make("undertone-old.alive", old);
  make("undertone-new.alive");
  make("undertone-held.alive", old);
  make("other.alive", old);
  using held = Deno.openSync(`${folder}/undertone-held.alive`, { write: true });
  held.lockSync(true);
  removeOldSigns(folder);
  const left = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  deepEqual(left, ["other.alive", "undertone-held.alive", "undertone-new.alive"]);
  equal(hasDied(`${folder}/undertone-new.alive`), true, "it still proves that its process has ended");
  Deno.removeSync(folder, { recursive: true });
});
