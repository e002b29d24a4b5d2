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
      meanSize(slopes),
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

/** Covariances of all pairs of tracks over the utterance: the upper triangle, row by row. */
export function covariances(tracks: Tracks): number[] {
  const frames = everyFrame(tracks);
  const centred = Array.from({ length: tracks.width }, (_, i) => {
    const values = track(tracks, i, frames), middle = mean(values);
    return values.map((x) => x - middle);
  });
  return centred.flatMap((a, i) => centred.slice(i).map((b) => meanProduct(a, b)));
}

/** Mean of the products of two tracks. */
function meanProduct(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return a.length ? sum / a.length : 0;
}

/**
 * How the means of each third of the utterance differ from the whole's: `[3 · width]`, the first third first.
 */
export function thirds(tracks: Tracks): number[] {
  const { length } = tracks, every = everyFrame(tracks);
  const means = (frames: Int32Array) =>
    Array.from({ length: tracks.width }, (_, i) => mean(track(tracks, i, frames)));
  const whole = means(every);
  return [0, 1, 2].flatMap((k) => {
    const from = Math.floor(k * length / 3), to = Math.max(from + 1, Math.floor((k + 1) * length / 3));
    return means(every.subarray(from, to)).map((x, i) => x - whole[i]);
  });
}

/** Per track, these percentiles over the frames whose `where` is not 0, or over all if every `where` is 0. */
export function percentilesWhere(
  tracks: Tracks,
  where: ArrayLike<number>,
  percents: readonly number[],
): number[] {
  const all = everyFrame(tracks), chosen = all.filter((frame) => where[frame]);
  const frames = chosen.length > 0 ? chosen : all;
  return Array.from({ length: tracks.width }, (_, i) => percentiles(track(tracks, i, frames), percents))
    .flat();
}

/** Puts tracks of equal length side by side. */
export function beside(parts: readonly Tracks[]): Tracks {
  const { length } = parts[0], width = parts.reduce((sum, part) => sum + part.width, 0);
  const data = new Float64Array(length * width);
  for (let frame = 0; frame < length; frame++) {
    let at = frame * width;
    for (const part of parts) {
      data.set(part.data.subarray(frame * part.width, (frame + 1) * part.width), at);
      at += part.width;
    }
  }
  return { data, length, width };
}

/** The first `width` tracks. */
export function firstTracks(tracks: Tracks, width: number): Tracks {
  const data = new Float64Array(tracks.length * width);
  for (let frame = 0; frame < tracks.length; frame++) {
    for (let i = 0; i < width; i++) data[frame * width + i] = tracks.data[frame * tracks.width + i];
  }
  return { data, length: tracks.length, width };
}

/** The slopes of tracks. */
export function slopes(tracks: Tracks): Tracks {
  const data = new Float64Array(tracks.length * tracks.width), frames = everyFrame(tracks);
  for (let i = 0; i < tracks.width; i++) {
    slope(track(tracks, i, frames)).forEach((x, frame) => data[frame * tracks.width + i] = x);
  }
  return { data, length: tracks.length, width: tracks.width };
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

/** Mean size; 0 if there are no values. */
function meanSize(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.abs(values[i]);
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
  const { length } = values, slopes = new Float64Array(length);
  if (length === 0) return slopes;
  const line = new Float64Array(length + 4).fill(values[0], 0, 2).fill(values[length - 1], length + 2);
  line.set(values, 2);
  for (let i = 0; i < length; i++) slopes[i] = (line[i + 3] - line[i + 1] + 2 * (line[i + 4] - line[i])) / 10;
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
