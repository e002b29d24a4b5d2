/** Work on texts and clips of mixed lengths keeps its memory and its open files level. */
import { amount, isLong } from "../lib/testing/amount.ts";
import { equal, ok } from "../lib/testing/assert.ts";
import type { Round } from "../lib/testing/mixed_lengths.ts";
import { testWith } from "../lib/testing/needs.ts";
import { inProject } from "../lib/paths.ts";

/** Seconds of a full trial, and of the shortest that says anything. */
const FULL = 1800, SECONDS = amount(60, FULL);
/**
 * Most growth of the resident memory in the second half, in MiB per minute. The store of graphs fills before.
 */
const SLOPE = 20;

/** Returns the slope of the line through points, by least squares. */
function slopeOf(points: readonly [x: number, y: number][]): number {
  const mean = (of: 0 | 1) => points.reduce((sum, point) => sum + point[of], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const above = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return above / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}

Deno.test("the slope of points on a line is the line's", () => {
  equal(slopeOf([[0, 1], [1, 3], [4, 9]]), 2);
});

testWith(["time", "Linux"], "memory and open files stay level over mixed lengths", async () => {
  const folder = await Deno.makeTempDir();
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", inProject("lib/testing/mixed_lengths.ts"), `${SECONDS / 60}`, folder],
    stderr: "inherit",
  }).output();
  ok(success);
  const rounds: Round[] = new TextDecoder().decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
  const late = rounds.slice(Math.floor(rounds.length / 2)),
    most = (of: (round: Round) => number) => Math.max(...late.map(of));
  const slope = slopeOf(late.map(({ seconds, memory }) => [seconds / 60, memory]));
  if (isLong) {
    console.log(
      `${rounds.length} rounds in ${rounds.at(-1)!.seconds} s: at most ${
        most(({ memory }) => memory)
      } MiB, ` +
        `${slope.toFixed(1)} MiB more per minute in the second half, at most ` +
        `${most(({ handles }) => handles)} open files`,
    );
  }
  equal(new Set(rounds.map(({ tensors }) => tensors)).size, 1);
  ok(most(({ handles }) => handles) <= rounds[1].handles + 4, "open files");
  if (SECONDS >= FULL / 2) ok(slope < SLOPE, `${slope} MiB per minute`);
  await Deno.remove(folder, { recursive: true });
});
