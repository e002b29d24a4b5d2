/** Functionals, as openSMILE calls them: statistics of tracks over a whole utterance. */

/** Values over time, row-major `[length, width]`. */
export interface Tracks {
  data: Float64Array | Float32Array;
  length: number;
  width: number;
}

/** Numbers that `functionals` returns per track. */
export const FUNCTIONALS = 7;

/**
 * Per track: mean, deviation, 10th, 50th and 90th percentile, then deviation and mean size of the slope;
 * `[FUNCTIONALS · width]`.
 */
export function functionals(tracks: Tracks): Float64Array {
  const { width } = tracks, frames = everyFrame(tracks), result = new Float64Array(FUNCTIONALS * width);
  for (let i = 0; i < width; i++) {
    const values = track(tracks, i, frames), slopes = slope(values);
    result.set([
      mean(values),
      deviation(values),
      ...percentiles(values, [10, 50, 90]),
      deviation(slopes),
      mean(slopes.map(Math.abs)),
    ], i * FUNCTIONALS);
  }
  return result;
}

/**
 * Mean and deviation per track over the frames whose `where` is not 0, or over all frames if every `where` is
 * 0; `[2 · width]`.
 */
export function momentsWhere(tracks: Tracks, where: ArrayLike<number>): Float64Array {
  const all = everyFrame(tracks), chosen = all.filter((frame) => where[frame]);
  const frames = chosen.length > 0 ? chosen : all;
  const result = new Float64Array(2 * tracks.width);
  for (let i = 0; i < tracks.width; i++) {
    const values = track(tracks, i, frames);
    result.set([mean(values), deviation(values)], 2 * i);
  }
  return result;
}

const everyFrame = ({ length }: Tracks) => Int32Array.from({ length }, (_, frame) => frame);

/** Picks one track at the given frames. */
function track({ data, width }: Tracks, index: number, frames: Int32Array): Float64Array {
  const values = new Float64Array(frames.length);
  for (let i = 0; i < frames.length; i++) values[i] = data[frames[i] * width + index];
  return values;
}

/** Mean; 0 if there are no values. */
export function mean(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return values.length ? sum / values.length : 0;
}

/** Population standard deviation; 0 if there are no values. */
export function deviation(values: Float64Array): number {
  const middle = mean(values);
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i] - middle) ** 2;
  return values.length ? Math.sqrt(squares / values.length) : 0;
}

/** Percentiles (0 to 100), interpolated linearly between neighbours; 0 if there are no values. */
export function percentiles(values: Float64Array, percents: readonly number[]): number[] {
  const sorted = values.slice().sort();
  return percents.map((percent) => {
    if (sorted.length === 0) return 0;
    const at = (sorted.length - 1) * percent / 100, below = Math.floor(at);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  });
}

/** Slope per frame by regression over five frames, edges repeated (delta coefficients, Furui 1986). */
export function slope(values: Float64Array): Float64Array {
  const at = (i: number) => values[Math.min(values.length - 1, Math.max(0, i))];
  const slopes = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    slopes[i] = (at(i + 1) - at(i - 1) + 2 * (at(i + 2) - at(i - 2))) / 10;
  }
  return slopes;
}

/** Rise from the first to the last value along the least-squares line. */
export function rise(values: Float64Array): number {
  const middle = (values.length - 1) / 2;
  let product = 0, squares = 0;
  values.forEach((x, i) => {
    product += (i - middle) * x;
    squares += (i - middle) ** 2;
  });
  return squares > 0 ? product / squares * (values.length - 1) : 0;
}
