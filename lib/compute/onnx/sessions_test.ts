import * as assert from "../../testing/assert.ts";
import { sessionStore } from "./sessions.ts";

Deno.test("beyond the limit the least recently used session goes", () => {
  const dropped: string[] = [], sessions = sessionStore(2);
  const set = (name: string) =>
    sessions.set(name, { run: () => ({}), dispose: () => void dropped.push(name), mixed: false });
  set("a");
  set("b");
  sessions.get("a");
  set("c");
  assert.deepEqual(dropped, ["b"]);
  assert.ok(sessions.get("a") && sessions.get("c") && !sessions.get("b"));
  set("d");
  assert.deepEqual(dropped, ["b", "a"]);
  assert.equal(sessions.size(), 2);
});
