import { deepEqual, equal, match } from "../lib/testing/assert.ts";
import { testWith } from "../lib/testing/needs.ts";
import { task } from "./completions.ts";
import { captured } from "./cli/testing.ts";

/** Returns what bash proposes after these words, the last of which is incomplete. */
async function proposed(script: string, ...words: string[]): Promise<string[]> {
  const probe = `${script}
    COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")})
    COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
    compopt() { :; }
    _undertone
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { success, stdout, stderr } = await new Deno.Command("bash", { args: ["-c", probe] }).output();
  equal(success, true, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim().split("\n");
}

testWith("bash", "bash completes tasks, flags and values, and leaves the rest of deno alone", async () => {
  const { code, out } = await captured(task, "bash");
  equal(code, 0);
  const script = out.join("\n");
  deepEqual(await proposed(script, "deno", "task", "tr"), ["train", "transcribe"]);
  deepEqual(await proposed(script, "deno", "task", "--quiet", "check"), ["check-method", "check"]);
  deepEqual(await proposed(script, "deno", "task", "train", "--sched"), ["--schedule="]);
  deepEqual(await proposed(script, "deno", "task", "train", "--schedule", "=", "co"), [
    "cosine",
    "constant",
  ]);
  deepEqual(await proposed(script, "deno", "task", "train", "--schedule", "co"), ["cosine", "constant"]);
  deepEqual(await proposed(script, "deno", "task", "data", "--js"), ["--json"]);
  deepEqual(await proposed(script, "deno", "ru"), [""]);
});

Deno.test("every task's flags are in the scripts of zsh and fish", async () => {
  for (const shell of ["zsh", "fish"]) {
    const { code, out } = await captured(task, shell);
    equal(code, 0);
    for (const word of ["setup-tensorflow", "n-samples", "gradient-checkpointing", "linear cosine"]) {
      match(out.join("\n"), new RegExp(word));
    }
  }
});

Deno.test("another shell, or none, is refused", async () => {
  match((await captured(task, "bsh")).err.join(), /Did you mean bash\?/);
  match((await captured(task)).err.join(), /Expected one shell but found nothing/);
});
