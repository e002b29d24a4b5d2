/** In-place complex transform: forward, exp(-2πi jk/n), no scaling. */
export type Fft = (re: Float64Array, im: Float64Array) => void;

/**
 * One pass: `n` points are left to transform in each of `stride` interleaved signals, and `radix` divides n.
 */
interface Pass {
  radix: number;
  n: number;
  stride: number;
}

/**
 * Returns a fast Fourier transform of `size` points, fastest if its prime factors are small. It is Stockham's
 * autosort algorithm with one pass per factor (Van Loan 1992, "Computational Frameworks for the Fast Fourier
 * Transform", section 1.7).
 */
export function fft(size: number): Fft {
  const cos = Float64Array.from({ length: size }, (_, k) => Math.cos(2 * Math.PI * k / size));
  const sin = Float64Array.from({ length: size }, (_, k) => -Math.sin(2 * Math.PI * k / size));
  const spareRe = new Float64Array(size), spareIm = new Float64Array(size);
  const passes: Pass[] = [];
  let n = size;
  for (const radix of factors(size)) {
    passes.push({ radix, n, stride: size / n });
    n /= radix;
  }

  return (re, im) => {
    let xRe = re, xIm = im, yRe: Float64Array = spareRe, yIm: Float64Array = spareIm;
    for (const pass of passes) {
      if (pass.radix === 4) radix4(pass, xRe, xIm, yRe, yIm);
      else anyRadix(pass, xRe, xIm, yRe, yIm);
      [xRe, xIm, yRe, yIm] = [yRe, yIm, xRe, xIm];
    }
    if (xRe !== re) {
      re.set(xRe);
      im.set(xIm);
    }
  };

  function radix4(
    { n, stride }: Pass,
    xRe: Float64Array,
    xIm: Float64Array,
    yRe: Float64Array,
    yIm: Float64Array,
  ) {
    const part = n / 4, hop = stride * part;
    for (let p = 0; p < part; p++) {
      const w1 = p * stride, w2 = 2 * w1, w3 = 3 * w1;
      for (let q = 0; q < stride; q++) {
        const a = q + stride * p, b = a + hop, c = b + hop, d = c + hop;
        const sumRe = xRe[a] + xRe[c], sumIm = xIm[a] + xIm[c];
        const difRe = xRe[a] - xRe[c], difIm = xIm[a] - xIm[c];
        const oddRe = xRe[b] + xRe[d], oddIm = xIm[b] + xIm[d];
        const turnRe = xIm[b] - xIm[d], turnIm = xRe[d] - xRe[b]; // -i (x[b] - x[d])
        const out = q + stride * 4 * p;
        yRe[out] = sumRe + oddRe;
        yIm[out] = sumIm + oddIm;
        put(out + stride, w1, difRe + turnRe, difIm + turnIm);
        put(out + 2 * stride, w2, sumRe - oddRe, sumIm - oddIm);
        put(out + 3 * stride, w3, difRe - turnRe, difIm - turnIm);
      }
    }
    function put(at: number, w: number, re: number, im: number) {
      yRe[at] = re * cos[w] - im * sin[w];
      yIm[at] = re * sin[w] + im * cos[w];
    }
  }

  function anyRadix(
    { radix, n, stride }: Pass,
    xRe: Float64Array,
    xIm: Float64Array,
    yRe: Float64Array,
    yIm: Float64Array,
  ) {
    const part = n / radix;
    for (let p = 0; p < part; p++) {
      for (let j = 0; j < radix; j++) {
        // Butterfly and twiddle factor in one: term k is rotated by j (p + k part) / n of a full turn.
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
  }
}

/** Returns the prime factors, with pairs of 2 merged into 4. */
function factors(size: number): number[] {
  if (size === 1) return [];
  let radix = size % 4 === 0 ? 4 : 2;
  while (size % radix !== 0) radix++;
  return [radix, ...factors(size / radix)];
}
