import { deepEqual, equal, match, ok, rejects } from "../../testing/assert.ts";
import { addModel } from "../add.ts";
import { fakeHub, noise, refused, text } from "../testing.ts";
import { destinationOf, type PushFile, pushFiles, requireOwned } from "./push.ts";
import { sender } from "./sending.ts";
import { takingUploads, type Transfer } from "./testing.ts";
import { withToken } from "./token.ts";

const TOKEN = "hf_secretsecretsecret", NAME = "some/model";

const folder = await Deno.makeTempDir({ prefix: "undertone-push" });
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

const CONTENT: Record<string, Uint8Array> = {
  "README.md": text("# A run"),
  "config.json": text('{"method": "memocmt"}'),
  "checkpoints/best.safetensors": noise(4500, 5),
  "empty.txt": text(""),
};

const files: PushFile[] = [];
for (const [path, bytes] of Object.entries(CONTENT)) {
  const from = `${folder}/${path.replaceAll("/", "_")} #1`;
  await Deno.writeFile(from, bytes);
  files.push({ path, from, size: bytes.length });
}

/** A hub without files that takes uploads, and what it asks and says. */
async function hubFor(transfer: Transfer = "basic") {
  const fake = fakeHub({}), uploads = takingUploads(fake, { transfer });
  const hub = await withToken({ ...fake.hub, token: TOKEN });
  const push = async (isPrivate = true, signal?: AbortSignal) =>
    await pushFiles(hub, NAME, files, {
      to: await destinationOf(hub, NAME),
      isPrivate,
      title: "A run",
      signal,
    });
  return { fake, uploads, hub, push, [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose]() };
}

for (const transfer of ["basic", "multipart"] as const) {
  Deno.test(`files arrive in one commit, large ones as ${transfer}, and can be fetched again`, async () => {
    await using at = await hubFor(transfer);
    const { commit, url } = await at.push();
    deepEqual([commit, url], ["b".repeat(40), `${at.hub.endpoint}/${NAME}`]);
    deepEqual(at.fake.files, CONTENT);
    deepEqual(at.uploads.commits, ["A run"]);
    deepEqual(at.uploads.model, { private: true });
    const elsewhere = at.uploads.asked.filter(({ of, token }) => of === "store" && token !== null);
    deepEqual(elsewhere, []); // the token goes to the hub alone
    ok(at.uploads.asked.every(({ of, token }) => of === "store" || token === `Bearer ${TOKEN}`));
    const fetched = `${folder}/fetched-${transfer}`;
    await addModel(NAME, { hub: at.hub, folder: fetched });
    for (const path of ["config.json", "README.md", "checkpoints/best.safetensors"]) {
      deepEqual(await Deno.readFile(`${fetched}/${path}`), CONTENT[path]);
    }
  });
}

Deno.test("a server of chunks gets its own token, never the hub's", async () => {
  await using at = await hubFor("xet");
  await at.push(false);
  deepEqual(at.uploads.model, { private: false });
  const sent = Object.entries(at.uploads.stored);
  equal(sent.filter(([path]) => path.startsWith("/v1/xorbs/default/")).length, 1);
  equal(sent.filter(([path]) => path === "/v1/shards").length, 1);
  ok(at.uploads.asked.every(({ of, token }) => of === "hub" || token === "Bearer a-token-of-the-store"));
  deepEqual(at.uploads.commits, ["A run"]);
});

Deno.test("a second push sends only what the hub lacks, and leaves the model's visibility", async () => {
  await using at = await hubFor();
  await at.push();
  at.uploads.asked.length = 0;
  await at.push(false);
  deepEqual(at.uploads.asked.map(({ method, path }) => `${method} ${path}`), [
    "GET /api/models/some/model",
    "POST /api/models/some/model/preupload/main",
    "POST /some/model.git/info/lfs/objects/batch",
    "POST /api/models/some/model/commit/main",
  ]);
  deepEqual(at.uploads.model, { private: true });
});

Deno.test("a busy hub and a broken connection are tried again; a commit that broke is not", async () => {
  await using at = await hubFor();
  let failures = 0;
  at.uploads.intercept = (_, path) =>
    path.startsWith("/put/") && ++failures <= 2 ? refused(503, "Busy") : undefined;
  await at.push();
  deepEqual(at.fake.pauses, [1000, 2000]);
  deepEqual(at.fake.files, CONTENT);
  at.fake.pauses.length = 0;
  at.uploads.intercept = (_, path) => path.includes("/commit/") ? refused(400, "Bad") : undefined;
  await rejects(
    at.push(),
    /found status 400 \(Bad\) at .*some\/model\. Mend what the hub names\. Run the same command again: files/,
  );
  deepEqual(at.fake.pauses, []);
  const send = sender({ ...at.hub, endpoint: "http://127.0.0.1:1" });
  await rejects(
    send("http://127.0.0.1:1/put/x?sig=secret", { method: "PUT" }),
    /no connection \(.*at http:\/\/127\.0\.0\.1:1\. Run/,
  );
  equal(at.fake.pauses.length, 5);
  await rejects(
    send("http://127.0.0.1:1/api/models/some/model/commit/main", { method: "POST" }),
    /may have arrived/,
  );
  equal(at.fake.pauses.length, 5);
});

Deno.test("refusals are sentences without tokens and signatures", async () => {
  const cases: [status: number, path: RegExp, sentence: RegExp][] = [
    [401, /^\/api\/models/, /a token that the hub knows but found one that it rejects/],
    [401, /preupload/, /a token that the hub knows but found one that it rejects/],
    [403, /repos\/create/, /a token that may write to some\/model but found one that may not/],
    [
      413,
      /^\/put\//,
      /found status 413 .* at http.*some\/model\. Mend what the hub names\. Run the same command again/,
    ],
  ];
  for (const [status, where, sentence] of cases) {
    await using at = await hubFor();
    at.uploads.intercept = ({ headers }, path) =>
      where.test(path)
        ? Response.json({ error: `no, ${headers.get("authorization")} at ${TOKEN}` }, { status })
        : undefined;
    const error = await at.push().then(() => undefined, (error) => error);
    match(error.message, sentence);
    for (const secret of [TOKEN, "sig=secret"]) {
      ok(!Deno.inspect(error, { depth: 9 }).includes(secret), `${status}: ${secret}`);
    }
  }
});

Deno.test("an upload ends at Ctrl-C", async () => {
  await using at = await hubFor();
  const stop = new AbortController();
  at.uploads.intercept = (_, path) => {
    if (path.startsWith("/put/")) stop.abort(new Error("stopped here"));
    return undefined;
  };
  await rejects(at.push(true, stop.signal), /stopped here/);
  deepEqual(at.uploads.commits, []);
});

Deno.test("the token is that of HF_TOKEN or of hf auth login, and is never shown", async () => {
  const hub = { endpoint: "https://hub.invalid", silence: 1, pause: () => Promise.resolve() };
  const file = `${folder}/token`;
  await Deno.writeTextFile(file, `${TOKEN}\n`);
  equal((await withToken(hub, file)).token, TOKEN);
  for (const token of ["hf_other", "hf_oauth_head.body-1_2.sign"]) {
    equal((await withToken({ ...hub, token }, file)).token, token);
  }
  await rejects(withToken({ ...hub, token: "hf_a\nb" }, file), /another text/);
  await rejects(
    withToken(hub, `${folder}/none`),
    /found none at HF_TOKEN, or .*\/none\. Make a token .*hub\.invalid/,
  );
  const error = await withToken({ ...hub, token: "my password" }, file).catch((error) => error);
  match(error.message, /starts with hf_ but found another text at HF_TOKEN\./);
  ok(!Deno.inspect(error).includes("password"));
  for (const name of [undefined, "model", "a/b/c", "../x"]) {
    await rejects(Promise.resolve().then(() => requireOwned(name)), /an owner and a name, such as/);
  }
});
