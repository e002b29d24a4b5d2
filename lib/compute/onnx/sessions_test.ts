import * as assert from "../../testing/assert.ts";
import { sessionStore } from "./sessions.ts";

/** A store of named sessions; each records its memory, and when it ends. */
function store(count: number, arenaBytes: number) {
  const dropped: string[] = [], sessions = sessionStore({ count, arenaBytes });
  const add = (name: string, values = 0, inputs = 2 * values) => {
    let has = "";
    sessions.add(name, { values, inputs }, (memory) => {
      has = memory;
      return { run: () => ({}), dispose: () => void dropped.push(name), usesHost: false };
    });
    return has;
  };
  return { dropped, sessions, add };
}

Deno.test("beyond the limit, the least recently used session is dropped", () => {
  const { dropped, sessions, add } = store(2, 0);
  add("a");
  add("b");
  sessions.get("a");
  add("c");
  assert.deepEqual(dropped, ["b"]);
  assert.ok(sessions.get("a") && sessions.get("c") && !sessions.get("b") && !sessions.has("b"));
  add("d");
  assert.deepEqual(dropped, ["b", "a"]);
  assert.equal(sessions.size(), 2);
});

Deno.test("sessions get arenas while there is room, and free them when they end", () => {
  const { dropped, sessions, add } = store(3, 100);
  assert.deepEqual([add("a", 30), add("b", 30), add("c", 20)], ["planned", "system", "planned"]);
  assert.equal(sessions.arenaBytes(), 100);
  sessions.get("c");
  assert.equal(add("d", 1), "system");
  assert.deepEqual(dropped, ["a"]);
  assert.equal(add("e", 30), "planned");
  assert.equal(sessions.arenaBytes(), 100);
});

Deno.test("an arena that has long been unused is dropped for one that is needed", () => {
  const { dropped, sessions, add } = store(10, 100);
  add("old", 40);
  add("fresh", 10);
  for (let i = 0; i < 1000; i++) sessions.get("fresh");
  assert.equal(add("next", 25), "planned");
  assert.deepEqual(dropped, ["old"]);
  assert.ok(sessions.has("fresh"));
});

Deno.test("a graph whose values take more than half of its inputs gets an unplanned arena", () => {
  const { sessions, add } = store(10, 2 ** 30);
  assert.equal(add("attention", 1000, 1999), "arena");
  assert.equal(sessions.arenaBytes(), 1000);
  assert.equal(add("encoder", 1000, 2000), "planned");
  assert.equal(sessions.arenaBytes(), 3000);
});

Deno.test("an arena grows while there is room, and a dropped graph frees its own", () => {
  const { dropped, sessions, add } = store(10, 100);
  add("general", 30, 0);
  assert.ok(sessions.grow("general", 60) && sessions.grow("general", 20));
  assert.equal(sessions.arenaBytes(), 60);
  assert.ok(!sessions.grow("general", 101));
  assert.equal(sessions.arenaBytes(), 60);
  assert.equal(add("large", 90, 0), "system");
  assert.ok(sessions.grow("large", 500), "it has no arena");
  sessions.drop("general");
  sessions.drop("unknown");
  assert.deepEqual(dropped, ["general"]);
  assert.equal(sessions.arenaBytes(), 0);
});
