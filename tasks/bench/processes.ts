/** What Linux tells of this process; elsewhere nothing. */

/** The most memory that it ever had, in MB. */
export async function peakMb(): Promise<number | undefined> {
  const kilobytes = (await own("status"))?.match(/^VmHWM:\s+(\d+)/m)?.[1];
  return kilobytes ? Number(kilobytes) * 1024 / 1e6 : undefined;
}

/** Time in ms, of all cores together, of the processes that it started and that have ended. */
export async function childrenCpuMs(): Promise<number> {
  const fields = (await own("stat"))?.replace(/.*\) /s, "").split(" "); // from the third on
  return fields ? (Number(fields[13]) + Number(fields[14])) * 10 : 0; // in ticks of 10 ms
}

/** A file of /proc, by another program: reading it here would take every permission. */
async function own(file: string): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return undefined;
  const { stdout } = await new Deno.Command("cat", { args: [`/proc/${Deno.pid}/${file}`] }).output();
  return new TextDecoder().decode(stdout);
}
