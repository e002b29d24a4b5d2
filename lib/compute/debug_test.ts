import { deepEqual, equal } from "../testing/assert.ts";
import { debug, debugLog, listening, topicsOf } from "./debug.ts";

Deno.test("topics are read from a list, and unknown names are reported", () => {
  const others: string[][] = [];
  const topics = topicsOf(" capture,graph ,, seshuns", (names) => others.push(names));
  deepEqual(topics, { capture: true, graph: true, sessions: false });
  deepEqual(others, [["seshuns"]]);
});

Deno.test("each line starts with its topic, and topics are off again afterwards", async () => {
  const before = { ...debug };
  const lines = await listening(["graph"], () => {
    equal(debug.graph, true);
    debugLog("graph", "one\ntwo");
  });
  deepEqual(lines, ["graph: one", "graph: two"]);
  deepEqual(debug, before);
});

/**
 * Returns what a fresh process with this setting and these flags prints: the value of `debug`, and stderr.
 */
async function started(setting: string, ...flags: string[]) {
  const module = new URL("./debug.ts", import.meta.url).href;
  const code = `import { debug } from "${module}"; console.log(JSON.stringify(debug));`;
  const command = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-lock",
      "--no-config",
      ...flags,
      `data:application/typescript,${encodeURIComponent(code)}`,
    ],
    env: { UNDERTONE_DEBUG: setting, NO_COLOR: "1" },
  });
  const { code: status, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { status, debug: JSON.parse(text(stdout) || "null"), stderr: text(stderr) };
}

Deno.test("the setting is read from the environment, and mistakes in it are reported", async () => {
  deepEqual(await started("sessions,all", "--allow-env", "--allow-import", "--allow-read"), {
    status: 0,
    debug: { capture: false, graph: false, sessions: true },
    stderr: "UNDERTONE_DEBUG accepts capture, graph, sessions, but not all.",
  });
});

Deno.test("without permission to read the environment, all topics are off and nothing prompts", async () => {
  deepEqual(await started("sessions", "--deny-env", "--allow-import", "--allow-read"), {
    status: 0,
    debug: { capture: false, graph: false, sessions: false },
    stderr: "",
  });
});
