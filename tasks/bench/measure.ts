/**
 * Times a case. Rounds of ours and of PyTorch's alternate, so that other load on the machine affects both.
 */
import process from "node:process";
import { currentEngine } from "../../lib/compute/mod.ts";
import { UndertoneError } from "../../lib/errors.ts";
import type { Case, Settings, Sides } from "./case.ts";
import type { Memory } from "./memory.ts";
import type { Peer, Time } from "./peer.ts";
import { childrenCpuMs } from "./processes.ts";

/** The results of a case: medians in ms per unit. Quartiles are the first and the third. */
export interface Measured extends Memory {
  case: string;
  unit: string;
  rounds: number;
  ours_ms: number;
  ours_quartiles_ms: [number, number];
  /** The fastest round, close to the time on an idle machine. */
  ours_best_ms: number;
  /** CPU time of all cores, which other load on the machine affects least. */
  ours_cpu_ms: number;
  /** The part of `ours_ms` that is spent inside the native runtime. */
  ours_native_ms: number;
  /** The untimed first round, which includes compilation. */
  ours_first_ms: number;
  /**
   * PyTorch's time divided by ours, the median over rounds, for the first variant. Above 1, ours is faster.
   */
  ratio?: number;
  ratio_quartiles?: [number, number];
  pytorch_ms?: number;
  /** Results of each PyTorch variant. */
  pytorch?: Variant[];
}

export interface Variant {
  variant: string;
  ms: number;
  quartiles_ms: [number, number];
  best_ms: number;
  cpu_ms: number;
  ratio: number;
  ratio_quartiles: [number, number];
}

/** Tolerance between the two sides' numbers: absolute up to 1, relative above. */
const SAME = 1e-4;

interface Options {
  peer?: Peer;
  /** Measures the memory of a case. */
  memory?: (id: string, sides: Sides) => Promise<Memory>;
  signal?: AbortSignal;
  /** Called after each round. Round 0 is the untimed one. */
  onRound?: (round: number) => void;
}

/**
 * Runs a case; without a peer, only our side. Throws if the two sides compute different numbers, because
 * their times are then not comparable.
 */
export async function measure(
  { id, prepare }: Case,
  settings: Settings,
  { peer, memory, signal, onRound }: Options = {},
): Promise<Measured> {
  const sides = await prepare(settings);
  try {
    const variants = await peer?.open(sides.pytorch, sides.pytorch.tensors()) ?? [];
    await compare(id, await sides.check(), variants, { peer, tolerance: sides.tolerance });
    const ours: OurTime[] = [], theirs = variants.map(() => [] as Time[]);
    for (let round = 0; round <= settings.rounds; round++) {
      signal?.throwIfAborted();
      ours.push(await timed(sides.round));
      for (const [i, variant] of variants.entries()) theirs[i].push(await peer!.round(variant));
      onRound?.(round);
    }
    await peer?.close();
    return { ...summary(id, sides, ours, variants, theirs), ...await memory?.(id, sides) };
  } finally {
    sides.close();
  }
}

/** Throws if our numbers differ from PyTorch's. */
async function compare(
  id: string,
  ours: readonly number[],
  variants: readonly string[],
  { peer, tolerance = SAME }: { peer?: Peer; tolerance?: number },
): Promise<void> {
  for (const variant of variants) {
    const theirs = await peer!.check(variant);
    const same = ours.length === theirs.length &&
      ours.every((value, i) => Math.abs(value - theirs[i]) <= tolerance * Math.max(1, Math.abs(value)));
    if (same) continue;
    throw new UndertoneError(
      `${id}: the times can't be compared, because the two sides don't compute the same: ` +
        `ours gives ${ours.join(", ")}, PyTorch (${variant}) ${theirs.join(", ")}`,
      "internal",
    );
  }
}

type OurTime = Time & { native: number };

async function timed(work: () => Promise<void>): Promise<OurTime> {
  const { stats } = currentEngine();
  const native = stats().runMs, busy = await cpuMs(), start = performance.now();
  await work();
  const ms = performance.now() - start;
  return { ms, cpu: await cpuMs() - busy, native: stats().runMs - native };
}

/** Returns the CPU time of this process and its children since its start, over all cores. */
async function cpuMs(): Promise<number> {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000 + await childrenCpuMs();
}

/** Summarises the rounds' times per unit. The first round is the warm-up. */
function summary(
  id: string,
  { unit }: Sides,
  ours: OurTime[],
  variants: readonly string[],
  theirs: Time[][],
): Measured {
  const perUnit = <T extends Time>(times: T[], key: keyof T) =>
    times.map((time) => time[key] as number / unit.perRound);
  const [first, ...rest] = perUnit(ours, "ms");
  const middle = (values: number[]) => quartiles(values.slice(1))[1];
  const [low, ms, high] = quartiles(rest);
  const pytorch = theirs.map((times, i): Variant => {
    const each = perUnit(times, "ms").slice(1);
    const [lowMs, ms, highMs] = quartiles(each);
    const [lowRatio, ratio, highRatio] = quartiles(each.map((ms, round) => ms / rest[round]));
    return {
      variant: variants[i],
      ms,
      quartiles_ms: [lowMs, highMs],
      best_ms: Math.min(...each),
      cpu_ms: middle(perUnit(times, "cpu")),
      ratio,
      ratio_quartiles: [lowRatio, highRatio],
    };
  });
  return {
    case: id,
    unit: unit.name,
    rounds: rest.length,
    ours_ms: ms,
    ours_quartiles_ms: [low, high],
    ours_best_ms: Math.min(...rest),
    ours_cpu_ms: middle(perUnit(ours, "cpu")),
    ours_native_ms: middle(perUnit(ours, "native")),
    ours_first_ms: first,
    ...(pytorch.length && {
      ratio: pytorch[0].ratio,
      ratio_quartiles: pytorch[0].ratio_quartiles,
      pytorch_ms: pytorch[0].ms,
      pytorch,
    }),
  };
}

/** Returns the first quartile, the median and the third quartile, with linear interpolation. */
export function quartiles(values: readonly number[]): [number, number, number] {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => {
    const place = share * (sorted.length - 1), below = Math.floor(place);
    return sorted[below] + (place - below) * (sorted[Math.ceil(place)] - sorted[below]);
  };
  return [at(0.25), at(0.5), at(0.75)];
}
