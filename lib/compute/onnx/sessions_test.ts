import assert from "node:assert/strict";
import { sessionStore } from "./sessions.ts";

/** A store, and the names of the sessions that it dropped. */
function recorded(limits: { count: number; bytes: number }) {
  const dropped: string[] = [], sessions = sessionStore(limits);
  const set = (name: string, bytes: number) =>
    sessions.set(name, { bytes, session: { run() {}, dispose: () => void dropped.push(name) } });
  return { sessions, set, dropped };
}

Deno.test("the least recently used session goes first", () => {
  const { sessions, set, dropped } = recorded({ count: 2, bytes: 100 });
  set("a", 1);
  set("b", 1);
  sessions.get("a");
  set("c", 1);
  assert.deepEqual(dropped, ["b"]);
  assert.ok(sessions.get("a") && sessions.get("c") && !sessions.get("b"));
});

Deno.test("sessions are bounded by the sum of their bytes; the newest always stays", () => {
  const { sessions, set, dropped } = recorded({ count: 9, bytes: 100 });
  set("a", 60);
  set("b", 30);
  set("c", 30);
  assert.deepEqual(dropped, ["a"]);
  set("d", 1000);
  assert.deepEqual(dropped, ["a", "b", "c"]);
  assert.deepEqual([sessions.size(), sessions.bytes()], [1, 1000]);
  sessions.clear();
  assert.deepEqual([sessions.size(), sessions.bytes()], [0, 0]);
});
