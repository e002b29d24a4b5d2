/** Lets the fake hub take uploads, for tests only: it makes models, stores large files, and commits. */
import { createHash } from "node:crypto";
import { type FakeHub, refused } from "../testing.ts";

/** How large files go up: whole, in parts, or to a server that stores chunks. */
export type Transfer = "basic" | "multipart" | "xet";

/** What the hub has received. */
export interface Uploads {
  /** Whether the model exists, and whether it is private. */
  model?: { private: boolean };
  /** Titles of the commits. */
  commits: string[];
  /** Large files by SHA-256; those of `xet` are sizes of the bodies alone. */
  stored: Record<string, Uint8Array>;
  /** Method, path and token of each request, in order. */
  asked: { method: string; of: string; path: string; token: string | null }[];
  /** Sees each request first, and may answer. */
  intercept?(request: Request, path: string): Response | undefined;
}

const MODEL = "some/model", PART = 1000;
const CAS_TOKEN = "Bearer a-token-of-the-store";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Makes a fake hub take uploads to `some/model`. Committed files can be fetched from it. */
export function takingUploads(
  fake: FakeHub,
  { transfer = "basic", largest = 1000 }: { transfer?: Transfer; largest?: number } = {},
): Uploads {
  const uploads: Uploads = { commits: [], stored: {}, asked: [] };
  const parts: Record<string, Uint8Array[]> = {};

  const batch = async (request: Request) => {
    const { objects } = await request.json() as { objects: { oid: string; size: number }[] };
    return Response.json({
      transfer,
      objects: objects.map(({ oid, size }) => {
        if (uploads.stored[oid]) return { oid, size };
        if (transfer === "basic") {
          return { oid, size, actions: { upload: { href: `${fake.store}/put/${oid}?sig=secret` } } };
        }
        if (transfer === "multipart") {
          const count = Math.ceil(size / PART), number = (i: number) => String(i + 1).padStart(5, "0");
          const header = Object.fromEntries(
            Array.from({ length: count }, (_, i) => [number(i), `${fake.store}/part/${oid}/${i}?sig=secret`]),
          );
          const href = `${fake.store}/complete/${oid}`;
          return {
            oid,
            size,
            actions: { upload: { href, header: { chunk_size: String(PART), ...header } } },
          };
        }
        return {
          oid,
          size,
          actions: { upload: { href: `${fake.hub.endpoint}/xet-token/${oid}`, header: {} } },
        };
      }),
    });
  };

  const commit = async (request: Request) => {
    const lines = (await request.text()).split("\n").map((line) => JSON.parse(line));
    for (const { key, value } of lines) {
      if (key === "header") uploads.commits.push(value.summary);
      if (key === "file") fake.files[value.path] = Uint8Array.fromBase64(value.content);
      if (key === "lfsFile") {
        const bytes = uploads.stored[value.oid];
        if (transfer !== "xet" && bytes?.length !== value.size) return refused(400, "NoSuchFile");
        if (bytes) fake.files[value.path] = bytes;
      }
    }
    fake.branches.main = "b".repeat(40);
    return Response.json({
      commitOid: fake.branches.main,
      commitUrl: `${fake.hub.endpoint}/${MODEL}/commit/b`,
    });
  };

  const answer = async (of: string, path: string, request: Request): Promise<Response | undefined> => {
    const [, verb, oid, i] = /^\/(put|part|complete)\/(\w+)(?:\/(\d+))?/.exec(path) ?? [];
    if (of === "store" && verb) {
      if (request.headers.get("transfer-encoding")) return new Response("no length", { status: 411 });
      const bytes = await request.bytes();
      if (verb === "part") (parts[oid] ??= [])[Number(i)] = bytes;
      else {uploads.stored[oid] = verb === "put"
          ? bytes
          : new Uint8Array(await new Blob(parts[oid] as never[]).arrayBuffer());}
      if (sha256(uploads.stored[oid] ?? bytes) !== oid && verb !== "part") return refused(400, "WrongBytes");
      return new Response("{}", { headers: { etag: `"${verb}"` } });
    }
    if (of === "store" && path.startsWith("/v1/")) {
      if (request.headers.get("authorization") !== CAS_TOKEN) return refused(401, "NoToken");
      if (request.method === "GET") return new Response(null, { status: 404 }); // no chunk is known
      uploads.stored[path] = await request.bytes();
      return Response.json({ was_inserted: true });
    }
    if (of !== "hub") return;
    if (path.startsWith("/xet-token/")) {
      const exp = Date.now() / 1000 + 3600;
      return Response.json({ accessToken: CAS_TOKEN.slice("Bearer ".length), casUrl: fake.store, exp });
    }
    if (path === `/api/models/${MODEL}`) {
      return uploads.model ? Response.json({ id: MODEL, ...uploads.model }) : refused(404, "RepoNotFound");
    }
    if (path === "/api/repos/create") {
      if (uploads.model) {
        return Response.json({ error: "You already created this model repo" }, { status: 409 });
      }
      const { name, organization, visibility } = await request.json();
      if (`${organization}/${name}` !== MODEL) return refused(403, "Forbidden");
      uploads.model = { private: visibility === "private" };
      return Response.json({ url: `${fake.hub.endpoint}/${MODEL}`, id: "1" });
    }
    if (path === `/api/models/${MODEL}/preupload/main`) {
      const { files } = await request.json() as { files: { path: string; size: number }[] };
      const modes = files.map(({ path, size }) => ({ path, uploadMode: size > largest ? "lfs" : "regular" }));
      return Response.json({ files: modes });
    }
    if (path === `/${MODEL}.git/info/lfs/objects/batch`) return await batch(request);
    if (path === `/api/models/${MODEL}/commit/main`) return await commit(request);
  };

  fake.intercept = ({ of, path, token }, request) => {
    uploads.asked.push({ method: request.method, of, path, token });
    const early = uploads.intercept?.(request, path);
    if (early || request.method === "GET" && !/^\/(v1|xet-token|api\/models\/some\/model$)/.test(path)) {
      return early;
    }
    return answer(of, path, request).then((response) => response ?? refused(404, "EntryNotFound"));
  };
  return uploads;
}
