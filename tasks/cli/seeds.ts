/** The flag `--seeds` of tasks that train with several seeds. */
import { badInput } from "../../lib/errors.ts";

export const SEEDS_HELP =
  "A number n for the seeds 1 to n, or a list such as 1,5,7. Write '7,' for seed 7 alone.";

/** Parses --seeds: `3` gives 1, 2, 3; `1,5,7` gives 1, 5, 7; `7,` gives 7 alone. */
export function parseSeeds(text: string): number[] {
  const words = text.split(",").map((word) => word.trim());
  const numbers = words.filter(Boolean).map(Number);
  const fit = numbers.length > 0 && numbers.every((seed) => Number.isInteger(seed) && seed >= 0);
  const count = words.length === 1;
  if (fit && !(count && numbers[0] === 0)) {
    return count ? Array.from({ length: numbers[0] }, (_, i) => i + 1) : numbers;
  }
  throw badInput({
    expected: "a number of seeds or a list of them",
    found: `'${text}'`,
    at: "--seeds",
    todo: "Write --seeds=3 for 1, 2, 3, or --seeds=1,5,7.",
  });
}
