/** Reads memory and CPU time of this process from Linux's /proc. Other systems have no such figures. */

/** Returns the peak memory of this process in MB; undefined if unknown. */
export async function peakMb(): Promise<number | undefined> {
  const kilobytes = (await own("status"))?.match(/^VmHWM:\s+(\d+)/m)?.[1];
  return kilobytes ? Number(kilobytes) * 1024 / 1e6 : undefined;
}

/** Returns the CPU time in ms, over all cores, of its child processes that have ended; 0 if unknown. */
export async function childrenCpuMs(): Promise<number> {
  const fields = (await own("stat"))?.replace(/.*\) /s, "").split(" "); // starts with the third field
  return fields ? (Number(fields[13]) + Number(fields[14])) * 10 : 0; // in ticks of 10 ms
}

/** Reads a file of /proc through `cat`, because Deno itself would need all permissions. */
async function own(file: string): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return undefined;
  const { stdout } = await new Deno.Command("cat", { args: [`/proc/${Deno.pid}/${file}`] }).output();
  return new TextDecoder().decode(stdout);
}
