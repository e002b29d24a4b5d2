/** The passes of ../fft.ts as operators: the same sums in the same order, so that the results are equal. */
import type { Ops, Value } from "../../onnx_graph/builder.ts";

/** Real and imaginary parts. */
export type Complex = readonly [re: Value, im: Value];

/** Transforms each row of `[rows, size]`: forward, exp(-2πi jk/n), no scaling. */
export function fft(ops: Ops, signal: Complex, size: number): Complex {
  let x = signal, n = size;
  for (const radix of factors(size)) {
    x = pass(ops, x, { size, radix, n, stride: size / n });
    n /= radix;
  }
  return x;
}

/** `n` points are left to transform in each of `stride` interleaved signals, and `radix` divides n. */
interface Pass {
  size: number;
  radix: number;
  n: number;
  stride: number;
}

function pass(ops: Ops, x: Complex, { size, radix, n, stride }: Pass): Complex {
  const { many, tensor, reshape, concat, transpose, add, sub, mul } = ops;
  const part = n / radix;
  const split = (side: Value) =>
    many("Split", [reshape(side, -1, radix, part, stride)], radix, {
      attributes: { axis: 1, num_outputs: radix },
    });
  /** exp(-2πi turn / size) for every turn that `turnOf` gives, `[1, count, part, 1]`. */
  const turned = (count: number, turnOf: (j: number, p: number) => number): Complex => {
    const turns = Array.from({ length: count * part }, (_, i) => turnOf(Math.floor(i / part), i % part));
    const angle = (turn: number) => 2 * Math.PI * turn / size;
    return [turns.map((turn) => Math.cos(angle(turn))), turns.map((turn) => -Math.sin(angle(turn)))]
      .map((values) => tensor("float64", values, [1, count, part, 1])) as unknown as Complex;
  };
  const times = ([re, im]: Complex, [cos, sin]: Complex): Complex => [
    sub(mul(re, cos), mul(im, sin)),
    add(mul(re, sin), mul(im, cos)),
  ];
  const [re, im] = x.map(split);
  const [yRe, yIm] = radix === 4 ? radix4() : anyRadix();
  // The j-th results of every p come first so far; in the output, the results of the first p do.
  return [yRe, yIm].map((y) => reshape(transpose(y, 0, 2, 1, 3), -1, size)) as unknown as Complex;

  function radix4(): Complex {
    const sumRe = add(re[0], re[2]), sumIm = add(im[0], im[2]);
    const difRe = sub(re[0], re[2]), difIm = sub(im[0], im[2]);
    const oddRe = add(re[1], re[3]), oddIm = add(im[1], im[3]);
    const turnRe = sub(im[1], im[3]), turnIm = sub(re[3], re[1]); // -i (x[1] - x[3])
    const rest: Complex = [
      concat([add(difRe, turnRe), sub(sumRe, oddRe), sub(difRe, turnRe)], 1),
      concat([add(difIm, turnIm), sub(sumIm, oddIm), sub(difIm, turnIm)], 1),
    ];
    const [restRe, restIm] = times(rest, turned(3, (j, p) => (j + 1) * p * stride));
    return [concat([add(sumRe, oddRe), restRe], 1), concat([add(sumIm, oddIm), restIm], 1)];
  }

  function anyRadix(): Complex {
    const terms = re.map((_, k) =>
      times([re[k], im[k]], turned(radix, (j, p) => j * (p + k * part) % n * stride))
    );
    return terms.reduce(([sumRe, sumIm], [termRe, termIm]) => [add(sumRe, termRe), add(sumIm, termIm)]);
  }
}

/** Returns the prime factors, with pairs of 2 merged into 4. */
function factors(size: number): number[] {
  if (size === 1) return [];
  let radix = size % 4 === 0 ? 4 : 2;
  while (size % radix !== 0) radix++;
  return [radix, ...factors(size / radix)];
}

/** Returns the columns k = 0 to `count` - 1 of `[rows, size]`, and those of the negative frequencies -k. */
export function mirrored(
  { gather, slice, tensor }: Ops,
  x: Value,
  size: number,
  count: number,
): [Value, Value] {
  const mirror = Array.from({ length: count }, (_, k) => (size - k) % size);
  return [count === size ? x : slice(x, 0, count, 1), gather(x, tensor("int64", mirror, [count]), 1)];
}
