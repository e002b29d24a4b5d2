/** Runs Deno as a process of its own, for tests of permissions and of what a fresh process prints. */

/** Returns the exit code and the output. `stdin` is the script of the argument `-`. */
export async function runDeno(
  args: readonly string[],
  { stdin = "", ...place }: { stdin?: string; env?: Record<string, string>; cwd?: string } = {},
): Promise<{ code: number; out: string; error: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    ...place,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const [out, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out, error };
}
