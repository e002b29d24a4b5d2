/** The rule of the rooms (first-level folders of lib): who may import whom, and through `mod.ts` alone. */
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { deepEqual, equal } from "./testing/assert.ts";

/** What each room may import, from the bottom up: a room stands below those that import it. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  simd: [],
  compute: ["simd"],
  files: [],
  eval: [],
  nn: ["compute"],
  data: ["simd", "files"],
  fetch: ["files"],
  hub: ["files", "fetch"],
  releases: ["files", "data", "fetch"],
  encoders: ["simd", "compute", "nn", "data", "files", "hub"],
  fusion: ["compute", "nn", "data", "encoders"],
  train: ["simd", "compute", "nn", "eval", "files", "data", "encoders"],
  config: ["compute", "data", "encoders", "eval", "files", "fusion", "train"],
  model: ["compute", "nn", "data", "encoders", "files", "fusion", "train", "config"],
  export: ["compute", "nn", "data", "encoders", "eval", "files", "fusion", "model", "config"],
  plot: ["data", "encoders", "eval"],
  launch: ["files"],
  jobs: [
    "simd",
    "compute",
    "nn",
    "data",
    "encoders",
    "eval",
    "files",
    "fusion",
    "train",
    "config",
    "model",
    "export",
    "plot",
    "fetch",
    "hub",
    "releases",
    "launch",
  ],
  conformance: ["compute", "nn", "fusion", "encoders"],
  pretrained: [],
};

const root = fileURLToPath(new URL("./", import.meta.url));

interface Import {
  from: string;
  to: string;
  /** `import(…)` where it is needed: it keeps the start fast, and may reach into a room. */
  lazy: boolean;
}

const IMPORT =
  /^\s*(?:import|export)\b[^;]*?\bfrom\s*"(\.[^"]+)"|^import\s*"(\.[^"]+)"|\bimport\(\s*"(\.[^"]+)"/gm;

/** Relative imports of a module, both ends as paths under lib. */
export const importsOf = (from: string, text: string): Import[] =>
  [...text.matchAll(IMPORT)].map(([, named, bare, lazy]) => ({
    from,
    to: normalize(join(dirname(from), named ?? bare ?? lazy)),
    lazy: lazy !== undefined,
  }));

/** The room of a path under lib; undefined for files of lib itself, which everybody may import. */
const roomOf = (path: string): string | undefined => path.includes("/") ? path.split("/")[0] : undefined;

/** Tests, and what only they import, look into every room. */
const isOfTests = (path: string) => /_test\.ts$|(^|\/)testing(\/|\.ts$)/.test(path);

/** What is wrong with an import, or nothing. */
export function complaint({ from, to, lazy }: Import): string | undefined {
  const room = roomOf(from), other = roomOf(to);
  if (isOfTests(from) || to.startsWith("..") || other === undefined || other === room) return undefined;
  const line = `${from} imports ${to}`;
  if (other === "testing") return `${line}: only tests may`;
  if (room !== undefined && !MAY_IMPORT[room]?.includes(other)) {
    return `${line}: ${room} may not import ${other}`;
  }
  if (!lazy && to !== `${other}/mod.ts`) return `${line}: rooms import each other through mod.ts alone`;
  return undefined;
}

function* modules(folder = root): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory && name !== "fixtures") yield* modules(join(folder, name));
    else if (name.endsWith(".ts")) yield join(folder, name);
  }
}

Deno.test("rooms import only those below them, through mod.ts", () => {
  const complaints = [...modules()].flatMap((path) =>
    importsOf(relative(root, path), Deno.readTextFileSync(path)).flatMap((each) => complaint(each) ?? [])
  );
  deepEqual(complaints, []);
});

Deno.test("the table has every room, and no circle", () => {
  const rooms = [...Deno.readDirSync(root)].filter(({ isDirectory }) => isDirectory).map(({ name }) => name);
  deepEqual(Object.keys(MAY_IMPORT).sort(), rooms.filter((name) => name !== "testing").sort());
  const seen = new Set<string>();
  for (const [room, below] of Object.entries(MAY_IMPORT)) {
    for (const other of below) equal(seen.has(other), true, `${room} stands above ${other} in the table`);
    seen.add(room);
  }
});

Deno.test("docs/ARCHITECTURE.md has the same table", () => {
  const page = Deno.readTextFileSync(new URL("../docs/ARCHITECTURE.md", import.meta.url));
  const above: string[] = [];
  const told = [...page.matchAll(/^\| `(\w+)` +\|[^|]*\|([^|]*)\|$/gm)].map(([, room, rooms]) => {
    const named = [...rooms.matchAll(/`(\w+)`/g)].map(([, name]) => name);
    const may = rooms.trim() === "every room above" ? [...above] : named;
    above.push(room);
    return [room, may.sort()];
  });
  deepEqual(told, Object.entries(MAY_IMPORT).map(([room, below]) => [room, below.toSorted()]));
});

Deno.test("what breaks the rule is told", () => {
  const told = (from: string, text: string) => importsOf(from, text).map(complaint);
  deepEqual(told("eval/a.ts", 'import { x } from "../jobs/mod.ts";'), [
    "eval/a.ts imports jobs/mod.ts: eval may not import jobs",
  ]);
  deepEqual(told("jobs/a.ts", 'import {\n  x,\n} from "../eval/metrics.ts";'), [
    "jobs/a.ts imports eval/metrics.ts: rooms import each other through mod.ts alone",
  ]);
  deepEqual(told("jobs/a.ts", 'await import("../eval/metrics.ts");'), [undefined]);
  deepEqual(told("jobs/a.ts", 'import { ok } from "../testing/assert.ts";'), [
    "jobs/a.ts imports testing/assert.ts: only tests may",
  ]);
  deepEqual(told("jobs/a_test.ts", 'import { x } from "../eval/metrics.ts";'), [undefined]);
});
