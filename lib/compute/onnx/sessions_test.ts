import * as assert from "../../testing/assert.ts";
import { sessionStore } from "./sessions.ts";

/** A store whose sessions are named; each tells its end, and whether it has an arena. */
function store(count: number, arenaBytes: number) {
  const dropped: string[] = [], sessions = sessionStore({ count, arenaBytes });
  const add = (name: string, bytes = 0) => {
    let has = false;
    sessions.add(name, bytes, (arena) => {
      has = arena;
      return { run() {}, dispose: () => void dropped.push(name) };
    });
    return has;
  };
  return { dropped, sessions, add };
}

Deno.test("beyond the limit the least recently used session goes", () => {
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

Deno.test("arenas are given while there is room, and come back with their sessions", () => {
  const { dropped, sessions, add } = store(3, 100);
  assert.deepEqual([add("a", 60), add("b", 60), add("c", 40)], [true, false, true]);
  assert.equal(sessions.arenaBytes(), 100);
  sessions.get("c");
  assert.equal(add("d", 1), false);
  assert.deepEqual(dropped, ["a"]);
  assert.equal(add("e", 60), true);
  assert.equal(sessions.arenaBytes(), 100);
});

Deno.test("an arena that has not been used for long goes for one that is needed", () => {
  const { dropped, sessions, add } = store(10, 100);
  add("old", 80);
  add("fresh", 20);
  for (let i = 0; i < 1000; i++) sessions.get("fresh");
  assert.equal(add("next", 50), true);
  assert.deepEqual(dropped, ["old"]);
  assert.ok(sessions.has("fresh"));
});
