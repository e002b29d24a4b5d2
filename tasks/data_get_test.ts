import { deepEqual, equal, match } from "../lib/testing/assert.ts";
import { ravdessMiniature } from "../lib/releases/testing.ts";
import { captured } from "./cli/testing.ts";
import { task as data } from "./data.ts";
import { dataGet, task } from "./data_get.ts";

Deno.test("data-get asks first, then fetches, audits and writes the page; a second call fetches nothing", async () => {
  await using mini = ravdessMiniature();
  const own = dataGet([mini.release], mini.server.http), folder = `${await Deno.makeTempDir()}/ravdess`;
  const run = (...args: string[]) => captured(own, "ravdess", `--to=${folder}`, ...args);

  const asked = await run();
  equal(asked.code, 2);
  match(
    asked.err.join("\n"),
    /^RAVDESS, .*about 1 MB to fetch from 127\.0\.0\.1.*\ninto .*\ndisk .*\nlicence +CC BY/,
  );
  match(asked.err.at(-1)!, /Expected your consent to fetch it but found .*add --yes\.$/);
  deepEqual(mini.server.asked, []);

  const { code, out } = await run("--yes");
  equal(code, 0);
  match(out[0], /^Complete: 12 clips, in .*ravdess$/);
  match(out.join("\n"), /^rows +4 +4 +4$/m);
  match(out.join("\n"), /^Decoded 12 clips, .* 0 broken/m);
  match(out.at(-1)!, /^Use it .*task train --data ravdess:.*ravdess$/);
  match(
    await Deno.readTextFile(`${folder}/audit.html`),
    /RAVDESS: what it contains.*From https:\/\/zenodo\.org/s,
  );
  equal(JSON.parse(await Deno.readTextFile(`${folder}/audit.json`)).rows.train, 4);

  mini.server.asked.length = 0;
  const again = await run("--json");
  equal(again.code, 0);
  equal(JSON.parse(again.out.at(-1)!).page, `${folder}/audit.html`);
  deepEqual(mini.server.asked, []);
});

Deno.test("other corpora say where to ask for them, and 'data get' which task fetches", async () => {
  const told = async (which: typeof task, ...args: string[]) => {
    const { code, err } = await captured(which, ...args);
    equal(code, 2);
    return err.at(-1)!;
  };
  match(
    await told(task, "iemocap"),
    /found IEMOCAP, .* at https:\/\/sail\.usc\.edu\/iemocap\/.*release form/,
  );
  match(await told(task, "ravdes"), /Expected a corpus but found 'ravdes' .*Did you mean ravdess\?$/);
  match(await told(task, "meld", "ravdess"), /Expected one corpus but found also 'ravdess'/);
  match(await told(data, "get", "meld"), /which needs the network, .*Run '.*task data-get meld'/);
});
