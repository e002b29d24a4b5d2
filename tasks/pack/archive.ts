/** Writes a folder as a compressed archive with the programs tar and xz. */
import { badInput } from "../../lib/errors.ts";

/** What makes equal folders equal archives. */
const PLAIN = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--format=gnu"];

/**
 * Archives what is in `folder` as `path`. A process that ends early leaves no file of that name. Throws bad
 * input if tar or xz is missing or fails.
 */
export async function archive(
  folder: string,
  path: string,
  { level, signal }: { level: number; signal?: AbortSignal },
): Promise<void> {
  const partial = `${path}.part`;
  // Programs compress better if the addresses in them are made absolute first.
  const filters = Deno.build.arch === "x86_64" ? ["--x86"] : [];
  const xz = ["xz", "--check=crc32", ...filters, `--lzma2=preset=${level}${level === 9 ? "e" : ""}`].join(
    " ",
  );
  try {
    await run(["-C", folder, ...PLAIN, "-I", xz, "-cf", partial, "."], signal);
    await Deno.rename(partial, path);
  } finally {
    await Deno.remove(partial).catch(() => {}); // it was renamed, or never made
  }
}

async function run(args: readonly string[], signal?: AbortSignal): Promise<void> {
  const refuse = (found: string, cause?: unknown) =>
    badInput({
      expected: "the programs tar and xz",
      found,
      at: "deno task pack",
      todo: "Install them (Debian: apt-get install tar xz-utils).",
    }, cause);
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command("tar", {
      args: [...args],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      signal,
    })
      .output();
  } catch (cause) {
    throw refuse("no tar", cause);
  }
  signal?.throwIfAborted();
  if (!output.success) throw refuse(new TextDecoder().decode(output.stderr).trim().split("\n")[0]);
}
