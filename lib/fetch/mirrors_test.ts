import { deepEqual, equal, match, ok, rejects } from "../testing/assert.ts";
import { fetchMirrored, type MirrorOptions } from "./mirrors.ts";
import { cut, type FakeServer, fakeServer, noise, sumOf, tagOf } from "./testing.ts";

const BYTES = noise(300_000);
const KNOWN = { size: BYTES.length, checksum: sumOf("md5", BYTES) };

/** Fetches `/a` and `/b` of a server as two mirrors, and tells what was noted. */
async function fetched(
  server: FakeServer,
  known: { size?: number; checksum?: string } = KNOWN,
  { path, ...options }: MirrorOptions & { path?: string } = {},
) {
  const to = path ?? `${await Deno.makeTempDir()}/x.zip`, notes: string[] = [];
  const mirrors = ["/a", "/b"].map((name) => ({ url: server.origin + name, ...known }));
  const { url } = await fetchMirrored(mirrors, to, {
    http: server.http,
    onFault: (url, why, next) =>
      notes.push(`${new URL(url).pathname}: ${why}, then ${new URL(next).pathname}`),
    onRestart: (why) => notes.push(why),
    ...options,
  });
  deepEqual(await Deno.readFile(to), BYTES);
  const left = await Array.fromAsync(Deno.readDir(to.slice(0, to.lastIndexOf("/"))), ({ name }) => name);
  deepEqual(left, ["x.zip"]);
  return { from: new URL(url).pathname, notes, ranges: server.asked.map(({ range }) => range) };
}

Deno.test("the preferred mirror is asked alone, and once", async () => {
  await using server = fakeServer({ "/a": BYTES, "/b": BYTES });
  const heard: number[] = [];
  const { from, notes } = await fetched(server, KNOWN, { onBytes: (have) => void heard.push(have) });
  deepEqual([from, notes, server.asked.length, heard.at(-1)], ["/a", [], 1, BYTES.length]);
});

for (
  const [what, answer, why] of [
    ["lacks the file", () => new Response("", { status: 404 }), /^\/a: status 404 \(Not Found\), then \/b$/],
    ["asks to log in", () => new Response("", { status: 401 }), /status 401/],
    [
      "answers with a web page",
      () => new Response("<html>", { headers: { "content-type": "text/html; charset=utf-8" } }),
      /^\/a: a web page, then \/b$/,
    ],
    ["has a file of another size", () => new Response(noise(7)), /^\/a: one of 7 bytes, then \/b$/],
    ["has other bytes", () => new Response(noise(300_000, 2)), /^\/a: md5:[0-9a-f]{32}, then \/b$/],
    ["is broken", () => new Response("", { status: 500 }), /^\/a: status 500/],
  ] as [string, () => Response, RegExp][]
) {
  Deno.test(`if a mirror ${what}, the next one is asked, with the reason`, async () => {
    await using server = fakeServer({ "/b": BYTES });
    server.intercept = (path) => path === "/a" ? answer() : undefined;
    const { from, notes } = await fetched(server);
    equal(from, "/b");
    equal(notes.length, 1);
    match(notes[0], why);
  });
}

Deno.test("a cut connection is resumed where it broke", async () => {
  await using server = fakeServer({ "/a": BYTES });
  server.intercept = (_, nth) => nth === 1 ? cut(BYTES, 120_000) : undefined;
  const { from, ranges } = await fetched(server);
  equal(from, "/a");
  match(ranges[1]!, /^bytes=[1-9]\d+-$/);
});

Deno.test("a silent connection is resumed, too", async () => {
  await using server = fakeServer({ "/a": BYTES });
  server.intercept = (_, nth) => nth === 1 ? cut(BYTES, 120_000, "is silent") : undefined;
  await fetched(server, KNOWN, { http: { ...server.http, silence: 150 } });
});

Deno.test("a part from one mirror is continued from another with the same checksum", async () => {
  await using server = fakeServer({ "/b": BYTES });
  server.intercept = (path, nth) =>
    path === "/a" ? nth === 1 ? cut(BYTES, 120_000) : new Response("", { status: 410 }) : undefined;
  const { from, ranges } = await fetched(server);
  equal(from, "/b");
  match(ranges.at(-1)!, /^bytes=[1-9]\d+-$/);
});

Deno.test("a web page or another file in place of the rest leaves the part alone", async () => {
  await using server = fakeServer({ "/b": BYTES });
  const path = `${await Deno.makeTempDir()}/x.zip`, page = { headers: { "content-type": "text/html" } };
  await Deno.writeFile(`${path}.part`, BYTES.slice(0, 200_000));
  server.intercept = (name) => name === "/a" ? new Response("<html>Busy</html>", page) : undefined;
  const { ranges } = await fetched(server, KNOWN, { path });
  deepEqual(ranges, ["bytes=200000-", "bytes=200000-"]);
});

Deno.test("a server without ranges sends the file from the start, and that is told", async () => {
  await using server = fakeServer();
  const path = `${await Deno.makeTempDir()}/x.zip`;
  await Deno.writeFile(`${path}.part`, BYTES.slice(0, 1000));
  server.intercept = () => new Response(BYTES.slice());
  const { notes } = await fetched(server, KNOWN, { path });
  deepEqual(notes, ["the server sends no parts"]);
});

Deno.test("a busy server is asked again after the time that it names, in seconds or as a date", async () => {
  await using server = fakeServer({ "/a": BYTES });
  const answers = [
    new Response("", { status: 429, headers: { "retry-after": "7" } }),
    new Response("", { status: 503, headers: { "retry-after": new Date(0).toUTCString() } }),
    new Response("", { status: 503 }),
  ];
  const told: string[] = [];
  server.intercept = () => answers.shift();
  const onPause = (why: string, time: number) => void told.push(`${why}, ${time}`);
  equal((await fetched(server, KNOWN, { http: { ...server.http, onPause } })).from, "/a");
  deepEqual(server.pauses, [7000, 0, 4000]);
  match(told[0], /^status 429 \(Too Many Requests\), 7000$/);
});

Deno.test("a redirect is followed, with the range", async () => {
  await using server = fakeServer({ "/store": BYTES });
  const path = `${await Deno.makeTempDir()}/x.zip`;
  await Deno.writeFile(`${path}.part`, BYTES.slice(0, 1000));
  server.intercept = (name) =>
    name === "/a" ? new Response(null, { status: 302, headers: { location: "/store" } }) : undefined;
  const { ranges } = await fetched(server, KNOWN, { path });
  deepEqual(ranges, ["bytes=1000-", "bytes=1000-"]);
});

Deno.test("without a checksum, a part is continued only if the server's file is the same", async () => {
  for (const changes of [false, true]) {
    await using server = fakeServer({ "/a": changes ? noise(200_000, 3) : BYTES });
    const path = `${await Deno.makeTempDir()}/x.zip`, stop = new AbortController();
    server.intercept = () => cut(server.files["/a"], 100_000, "is silent");
    const stopped = { path, signal: stop.signal, onBytes: () => stop.abort() };
    await rejects(fetched(server, {}, stopped), (error) => error === stop.signal.reason);
    server.files["/a"] = BYTES;
    server.intercept = undefined;
    server.asked.length = 0;
    const { notes, ranges } = await fetched(server, {}, { path });
    deepEqual(notes, changes ? ["the server's file has changed"] : []);
    equal(ranges.length, 1);
    match(ranges[0]!, /^bytes=[1-9]\d*-$/);
  }
});

Deno.test("without a checksum and a version, fetched bytes are not trusted", async () => {
  await using server = fakeServer();
  const path = `${await Deno.makeTempDir()}/x.zip`;
  await Deno.writeFile(`${path}.part`, noise(5000, 4));
  server.intercept = () => new Response(BYTES.slice());
  const { notes, ranges } = await fetched(server, {}, { path });
  deepEqual(notes, ["nothing tells whether the server's file is still the same"]);
  deepEqual(ranges, [null]);
});

Deno.test("a part that is whole already needs one question at most", async () => {
  await using server = fakeServer({ "/a": BYTES });
  const path = `${await Deno.makeTempDir()}/x.zip`;
  await Deno.writeFile(`${path}.part`, BYTES);
  deepEqual((await fetched(server, KNOWN, { path })).ranges, []);

  const other = `${await Deno.makeTempDir()}/x.zip`; // without a size: a stop just before the renaming
  await Deno.writeFile(`${other}.part`, BYTES);
  const from = { url: `${server.origin}/a`, version: tagOf(BYTES) };
  await Deno.writeTextFile(`${other}.part.json`, JSON.stringify(from));
  deepEqual((await fetched(server, {}, { path: other })).ranges, ["bytes=300000-"]);
});

Deno.test("wrong bytes from every mirror are refused, named, and not kept", async () => {
  await using server = fakeServer({ "/a": noise(300_000, 5), "/b": noise(300_000, 6) });
  const folder = await Deno.makeTempDir();
  await rejects(
    fetched(server, KNOWN, { path: `${folder}/x.zip` }),
    /^UndertoneError: Expected one of 2 mirrors to have the file but found 127\.0\.0\.1:\d+: md5:\w+; 127.*Check the/,
  );
  deepEqual(await Array.fromAsync(Deno.readDir(folder)), []);
});

Deno.test("a full disk ends the fetch at once, with the part kept", async () => {
  await using server = fakeServer({ "/a": BYTES, "/b": BYTES });
  const path = `${await Deno.makeTempDir()}/x.zip`, { open } = Deno;
  let room = 100_000;
  Deno.open = async (...args) => {
    const file = await open(...args), write = file.write.bind(file);
    if (!`${args[0]}`.endsWith(".part")) return file;
    file.write = (bytes) => {
      if (room <= 0) {
        return Promise.reject(
          Object.assign(new Error("No space left on device (os error 28)"), { code: "ENOSPC" }),
        );
      }
      const count = Math.min(room, bytes.length);
      room -= count;
      return write(bytes.subarray(0, count));
    };
    return file;
  };
  try {
    await rejects(
      fetched(server, KNOWN, { path }),
      /one that can't \(No space left on device.*x\.zip\.part\. Free disk space/,
    );
  } finally {
    Deno.open = open;
  }
  equal(server.asked.length, 1);
  equal((await Deno.stat(`${path}.part`)).size, 100_000);
  ok((await fetched(server, KNOWN, { path })).ranges.includes("bytes=100000-"));
});

Deno.test("a mirror that can't be reached is passed over", async () => {
  await using server = fakeServer({ "/b": BYTES });
  const gone = fakeServer();
  await gone[Symbol.asyncDispose]();
  const path = `${await Deno.makeTempDir()}/x.zip`, told: string[] = [];
  const mirrors = [gone, server].map(({ origin }) => ({ url: `${origin}/b`, ...KNOWN }));
  await fetchMirrored(mirrors, path, { http: server.http, onFault: (_, why) => told.push(why) });
  equal(told.length, 1);
  match(told[0], /^no connection \(.*refused/i);
  equal(server.pauses.length, 5);
});
