import { deepEqual } from "../../testing/assert.ts";
import { listening } from "../debug.ts";
import { sessionStore } from "./sessions.ts";
import { reportSessions } from "./session_report.ts";

const session = () => ({ run: () => ({}), dispose: () => {}, usesHost: false });
/** Replaces times, which differ from run to run. */
const untimed = (lines: string[]) => lines.map((line) => line.replace(/\d+\.\d ms/, "T ms"));

Deno.test("compile times are reported as they happen, hits and totals at the end", async () => {
  let report = () => {};
  const sessions = reportSessions(sessionStore({ count: 1, arenaBytes: 0 }), (write) => report = write);
  const lines = await listening(["sessions"], () => {
    sessions.add("Add\nNeg\n", { values: 2048, inputs: 0 }, session);
    sessions.get("Add\nNeg\n");
    sessions.get("Add\nNeg\n");
    sessions.get("Exp\n"); // not there: no hit
    sessions.add("Exp\n", { values: 512, inputs: 0 }, session); // drops the first one
    sessions.add("Add\nNeg\n", { values: 2048, inputs: 0 }, session);
    report();
  });
  deepEqual(untimed(lines), [
    "sessions: graph 1: 2 nodes, 2.0 KiB of values, system memory, compiled in T ms, 0 hits",
    "sessions: graph 2: 1 nodes, 0.5 KiB of values, system memory, compiled in T ms, 0 hits",
    "sessions: graph 1: 2 nodes, 2.0 KiB of values, system memory, compiled 2 times in T ms, 2 hits",
    "sessions: 3 compiled in T ms, 2 hits, 1 kept",
    "sessions: graph 1: 2 nodes, 2.0 KiB of values, system memory, compiled 2 times in T ms, 2 hits",
    "sessions: graph 2: 1 nodes, 0.5 KiB of values, system memory, compiled in T ms, 0 hits",
  ]);
});
