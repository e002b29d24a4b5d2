/**
 * A model of a large job array on a cluster: which load it puts on the file system that all nodes share. Time
 * runs in seconds. `deno run tasks/bench/cluster.ts` prints the table of docs/CLUSTERS.md.
 */
import { random } from "../../lib/random.ts";

/** A cluster, and an array on it. The defaults are measured: see docs/CLUSTERS.md. */
export interface Cluster {
  cells: number;
  /** Nodes, each of which runs one cell at a time; also bounded by `--slurm.parallel`. */
  nodes: number;
  /** Seconds that a cell computes. */
  work: number;
  /** Seconds between two checkpoints: what a failure loses at most. */
  checkpoint: number;
  /** Operations on the project's files to start a cell: the first time on a node, and later ones. */
  coldStart: number;
  warmStart: number;
  /** Operations of a cell in its own folder and in the cache. */
  own: number;
  /** Operations per second that the shared file system serves, and that one process asks for at most. */
  capacity: number;
  client: number;
  /** Failures and preemptions per cell and hour. */
  failures: number;
  preemptions: number;
  /** Seconds until a requeued cell may start again. Slurm's own delay is two minutes. */
  requeue: number;
  /** How many people watch the status every 5 s, and operations of each look per cell. */
  watchers: number;
  lookAll: number;
  lookRunning: number;
  seed: number;
}

export const CLUSTER: Cluster = {
  cells: 10_000,
  nodes: 500,
  work: 300,
  checkpoint: 10,
  coldStart: 16_800,
  warmStart: 3_200,
  own: 1_040,
  capacity: 20_000,
  client: 5_000,
  failures: 0.05,
  preemptions: 0.2,
  requeue: 121,
  watchers: 1,
  lookAll: 0,
  lookRunning: 7,
  seed: 1,
};

/** What a run of the model measured. */
export interface Load {
  hours: number;
  /** Seconds in which the file system had more to do than it serves. */
  saturated: number;
  /** Longest start of a cell, in seconds. */
  longestStart: number;
  restarts: number;
  /** Operations by their cause, in millions. */
  operations: { start: number; cells: number; status: number };
}

/** Runs the model until all cells are trained. Equal seeds give equal results. */
export function simulate(cluster: Cluster): Load {
  const { uniform } = random(cluster.seed), perHour = 3600;
  const isWarm = new Uint8Array(cluster.nodes);
  const running: { node: number; operations: number; left: number; since: number; asked: number }[] = [];
  const free = Array.from({ length: cluster.nodes }, (_, i) => i);
  const waiting = Array.from({ length: cluster.cells }, () => ({ from: 0, left: cluster.work }));
  const load: Load = {
    hours: 0,
    saturated: 0,
    longestStart: 0,
    restarts: 0,
    operations: { start: 0, cells: 0, status: 0 },
  };
  let second = 0;
  for (; waiting.length > 0 || running.length > 0; second++) {
    for (let i = waiting.length - 1; i >= 0 && free.length > 0; i--) {
      if (waiting[i].from > second) continue;
      const [{ left }] = waiting.splice(i, 1), node = free.pop()!;
      const operations = isWarm[node] ? cluster.warmStart : cluster.coldStart;
      isWarm[node] = 1;
      running.push({ node, operations, left, since: second, asked: operations });
      load.operations.start += operations / 1e6;
    }
    const looks = cluster.watchers / 5 *
      (cluster.lookAll * cluster.cells + cluster.lookRunning * running.length);
    const alive = running.filter(({ operations }) => operations === 0).length * cluster.own / cluster.work;
    load.operations.status += looks / 1e6;
    load.operations.cells += alive / 1e6;
    const starting = running.filter(({ operations }) => operations > 0);
    const wanted = starting.reduce((sum, { operations }) => sum + Math.min(operations, cluster.client), 0);
    const share = Math.min(1, Math.max(0.01, (cluster.capacity - looks - alive) / Math.max(1, wanted)));
    if (share < 1) load.saturated++;
    for (const cell of starting) {
      cell.operations = Math.max(
        0,
        cell.operations - Math.ceil(share * Math.min(cell.operations, cluster.client)),
      );
      if (cell.operations === 0) load.longestStart = Math.max(load.longestStart, second + 1 - cell.since);
    }
    for (let i = running.length - 1; i >= 0; i--) {
      const cell = running[i];
      if (cell.operations > 0) continue;
      cell.left--;
      const fails = uniform() < cluster.failures / perHour,
        isPreempted = uniform() < cluster.preemptions / perHour;
      if (cell.left > 0 && !fails && !isPreempted) continue;
      running.splice(i, 1);
      free.push(cell.node);
      if (cell.left <= 0) continue;
      load.restarts++; // a failure loses the work since the last checkpoint, a preemption nothing
      const lost = fails ? Math.floor(uniform() * cluster.checkpoint) : 0;
      waiting.push({ from: second + cluster.requeue, left: Math.min(cluster.work, cell.left + lost) });
    }
  }
  return { ...load, hours: second / perHour };
}

/** The rows of the table: what changes, and how. */
const ROWS: [string, Partial<Cluster>][] = [
  ["as it is", {}],
  ["project on each node's own disk or in an image", { coldStart: 0, warmStart: 0 }],
  ["caches of the nodes are cold at each start", { warmStart: CLUSTER.coldStart }],
  ["cells of 30 s", { work: 30 }],
  ["20 people watch", { watchers: 20 }],
  ["20 people watch, each look at every cell", { watchers: 20, lookAll: 4 }],
  ["16 cells at once", { nodes: 16 }],
  ["ten times the failures and preemptions", { failures: 0.5, preemptions: 2 }],
];

if (import.meta.main) {
  console.log(
    "| case | hours | saturated, s | longest start, s | restarts | start, M | cells, M | status, M |",
  );
  console.log("| :-- | --: | --: | --: | --: | --: | --: | --: |");
  for (const [name, changes] of ROWS) {
    const { hours, saturated, longestStart, restarts, operations: { start, cells, status } } = simulate({
      ...CLUSTER,
      ...changes,
    });
    const numbers = [hours.toFixed(2), saturated, longestStart, restarts];
    console.log(`| ${[name, ...numbers, ...[start, cells, status].map((x) => x.toFixed(1))].join(" | ")} |`);
  }
}
