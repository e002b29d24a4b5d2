/** Our side of one case in a process of its own, started by memory.ts: a round more than what compiles, then its peak memory. */
import { useEngine } from "../../lib/compute/mod.ts";
import { cases } from "./cases.ts";
import { peakMb } from "./processes.ts";

const { id, settings } = JSON.parse(Deno.args[0]);
await useEngine({ threads: settings.threads });
const sides = await cases.find((each) => each.id === id)!.prepare(settings);
for (let round = 0; round <= settings.rounds; round++) await (sides.within ?? sides.round)();
const peak = await peakMb();
sides.close();
console.log(JSON.stringify({ peak }));
