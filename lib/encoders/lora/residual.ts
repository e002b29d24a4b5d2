/**
 * Repeats the initialisation of PiSSA (Meng et al. 2024) and OLoRA (Büyükakyüz 2024), which subtract the
 * initial B A from the weight. peft also repeats it whenever it reads such an adapter.
 */
import { EigenvalueDecomposition, Matrix, QrDecomposition } from "ml-matrix";
import { badInput } from "../../errors.ts";
import type { RawTensor } from "../../files/mod.ts";

const STARTS = ["pissa", "olora"] as const;

export type Start = typeof STARTS[number];

/** Whether an initialisation changes the weight itself. */
export const isMoved = (start: string): start is Start => (STARTS as readonly string[]).includes(start);

/**
 * Two values count as equal if the largest value is this many times their difference: float32 can't separate
 * them.
 */
const TIE = 1e6;

/**
 * Returns `weight [out,in]` without its initial part of rank `r`. For PiSSA this is the part of its largest
 * singular values, whatever the scale; for OLoRA it is `scale` times its projection on its first `r` columns.
 * Throws UndertoneError if this part is not unique; `at` is the weight.
 */
export function residual(start: Start, weight: RawTensor, r: number, scale: number, at: string): RawTensor {
  const [outputs, inputs] = weight.shape, w = Matrix.from1DArray(outputs, inputs, weight.data);
  const taken = start === "pissa" ? largest(w, r) : onFirstColumns(w, r)?.mul(scale);
  if (!taken) {
    throw badInput({
      expected: `one part of rank ${r} that ${start} takes out of a weight`,
      found: "several equally good ones",
      at,
      todo: UNMOVED,
    });
  }
  return { shape: weight.shape, data: Float32Array.from(w.sub(taken).to1DArray()) };
}

/** Advice for adapters whose initialisation changed the model's own weights. */
export const UNMOVED = "Save the adapter again, in the program that trained it, with peft's " +
  "path_initial_model_for_weight_conversion, which converts it to a plain LoRA adapter.";

/**
 * Returns the nearest matrix of rank `r`, computed from the eigenvectors of the smaller Gram matrix, or
 * undefined if another one is equally near.
 */
function largest(w: Matrix, r: number): Matrix | undefined {
  const t = w.transpose(), isTall = w.rows > w.columns;
  const { realEigenvalues: squares, eigenvectorMatrix: vectors } = new EigenvalueDecomposition(
    isTall ? t.mmul(w) : w.mmul(t),
    { assumeSymmetric: true }, // then the values ascend
  );
  const n = squares.length;
  if (r >= n) return w.clone();
  const [most, last, next] = [n - 1, n - r, n - r - 1].map((i) => Math.sqrt(Math.max(0, squares[i])));
  if ((last - next) * TIE <= most) return undefined;
  const basis = vectors.subMatrix(0, n - 1, n - r, n - 1);
  return isTall ? w.mmul(basis).mmul(basis.transpose()) : basis.mmul(basis.transpose().mmul(w));
}

/**
 * Projects each column on the first `r` columns, which is Q R cut to rank `r`. Returns undefined if these
 * columns are linearly dependent.
 */
function onFirstColumns(w: Matrix, r: number): Matrix | undefined {
  if (r >= Math.min(w.rows, w.columns)) return w.clone();
  const first = w.subMatrix(0, w.rows - 1, 0, r - 1), qr = new QrDecomposition(first);
  const lengths = qr.upperTriangularMatrix.diagonal().map(Math.abs);
  if (Math.min(...lengths) * TIE <= first.norm()) return undefined;
  const q = qr.orthogonalMatrix;
  return q.mmul(q.transpose().mmul(w));
}
