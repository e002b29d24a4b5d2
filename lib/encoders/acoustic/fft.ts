/** In-place complex transform: forward, exp(-2πi jk/n), no scaling. */
export type Fft = (re: Float64Array, im: Float64Array) => void;

/**
 * A fast Fourier transform of `size` points, quickest where its prime factors are small: Stockham's autosort form with
 * one pass per factor (Van Loan 1992, "Computational Frameworks for the Fast Fourier Transform", section 1.7).
 */
export function fft(size: number): Fft {
  const radices = factors(size);
  const cos = Float64Array.from({ length: size }, (_, k) => Math.cos(2 * Math.PI * k / size));
  const sin = Float64Array.from({ length: size }, (_, k) => -Math.sin(2 * Math.PI * k / size));
  const spareRe = new Float64Array(size), spareIm = new Float64Array(size);

  return (re, im) => {
    let from = [re, im], to: Float64Array[] = [spareRe, spareIm];
    let n = size; // points of each transform that is left; there are `stride` of them, interleaved
    for (const radix of radices) {
      const stride = size / n, part = n / radix;
      const [xRe, xIm] = from, [yRe, yIm] = to;
      for (let p = 0; p < part; p++) {
        for (let j = 0; j < radix; j++) {
          // The butterfly's turn and the twiddle in one: term k turns by j (p + k part) of n.
          const first = j * p % n, step = j * part % n;
          for (let q = 0; q < stride; q++) {
            let sumRe = 0, sumIm = 0, turn = first;
            for (let k = 0; k < radix; k++) {
              const at = q + stride * (p + k * part), w = turn * stride;
              sumRe += xRe[at] * cos[w] - xIm[at] * sin[w];
              sumIm += xRe[at] * sin[w] + xIm[at] * cos[w];
              turn += step;
              if (turn >= n) turn -= n;
            }
            const out = q + stride * (radix * p + j);
            yRe[out] = sumRe;
            yIm[out] = sumIm;
          }
        }
      }
      [from, to] = [to, from];
      n = part;
    }
    if (from[0] !== re) {
      re.set(from[0]);
      im.set(from[1]);
    }
  };
}

/** Prime factors, pairs of 2 taken as 4. */
function factors(size: number): number[] {
  if (size === 1) return [];
  let radix = size % 4 === 0 ? 4 : 2;
  while (size % radix !== 0) radix++;
  return [radix, ...factors(size / radix)];
}
