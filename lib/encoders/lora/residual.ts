/**
 * What PiSSA (Meng et al. 2024) and OLoRA (Büyükakyüz 2024) leave of a weight when they start: they take the part out of it
 * that A and B begin with. peft does so again whenever it reads such an adapter.
 */
import { EigenvalueDecomposition, Matrix, QrDecomposition } from "ml-matrix";
import { badInput } from "../../errors.ts";
import type { RawTensor } from "../../files/mod.ts";

const STARTS = ["pissa", "olora"] as const;

export type Start = typeof STARTS[number];

/** Whether a start, by its name, moves the weight itself. */
export const isMoved = (start: string): start is Start => (STARTS as readonly string[]).includes(start);

/** Two values of which the largest is this many times their difference are one in float32. */
const TIE = 1e6;

/**
 * `weight [out,in]` without its start of rank `r`: for PiSSA its largest singular values, whatever the scale; for OLoRA
 * `scale` times its projection on its first `r` columns. Throws UndertoneError where the start is not unique; `at` is the weight.
 */
export function residual(start: Start, weight: RawTensor, r: number, scale: number, at: string): RawTensor {
  const [outputs, inputs] = weight.shape, w = Matrix.from1DArray(outputs, inputs, weight.data);
  const taken = start === "pissa" ? largest(w, r) : onFirstColumns(w, r)?.mul(scale);
  if (!taken) {
    throw badInput({
      expected: `one part of rank ${r} that ${start} takes out of a weight`,
      found: "several that are as good",
      at,
      todo: UNMOVED,
    });
  }
  return { shape: weight.shape, data: Float32Array.from(w.sub(taken).to1DArray()) };
}

/** What makes a plain adapter of one that took a part out of the model's own weights. */
export const UNMOVED = "Save the adapter where it was trained with peft's " +
  "path_initial_model_for_weight_conversion, which makes a plain one of it.";

/** The nearest matrix of rank `r`, from the eigenvectors of the smaller Gram matrix; undefined where others are as near. */
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

/** Each column's projection on the first `r`, which is Q R cut to rank `r`; undefined where these depend on each other. */
function onFirstColumns(w: Matrix, r: number): Matrix | undefined {
  if (r >= Math.min(w.rows, w.columns)) return w.clone();
  const first = w.subMatrix(0, w.rows - 1, 0, r - 1), qr = new QrDecomposition(first);
  const lengths = qr.upperTriangularMatrix.diagonal().map(Math.abs);
  if (Math.min(...lengths) * TIE <= first.norm()) return undefined;
  const q = qr.orthogonalMatrix;
  return q.mmul(q.transpose().mmul(w));
}
