/**
 * Finds the formula of a number in a graph, such as a length in a reshape's target.
 *
 * The formula: n = f · a · b + g · c · d + h, where a to d are lengths of inputs (or missing) and f, g and h
 * are integers. For a batch of B texts of L tokens and 4 heads, a reshape joins batch and heads: n = 4 · B.
 *
 * The formula is not written down anywhere: TensorFlow.js computes n with numbers, and a recording shows only
 * the result, 92. So the model is recorded at six sizes, where n is 92, 188, 124, …, and B is 23, 47, 31, ….
 * The six values are six linear equations for f, g and h. Two of them give f and g, a third gives h, and all
 * six must hold: the sizes are unrelated, so that no wrong formula holds by chance. The simplest formula is
 * tried first.
 */

/** A number at each of several sizes of the inputs. */
export type Series = readonly number[];

/**
 * `factor` times the product of the lengths at the indices `of`. If `of` is empty, the term is a constant.
 */
export interface Term {
  factor: number;
  of: readonly number[];
}

/** A sum of terms. */
export type Expression = readonly Term[];

export const isConstant = (series: Series): boolean => series.every((number) => number === series[0]);

/**
 * Returns the simplest expression that equals `series` at every size: a constant, or one or two products of
 * at most two lengths with integer factors, plus a constant. Returns undefined if there is none. There must
 * be more sizes than unknowns, so that no expression fits by chance; six are enough.
 */
export function express(series: Series, lengths: readonly Series[]): Expression | undefined {
  if (isConstant(series)) return [{ factor: series[0], of: [] }];
  const products = productsOf(lengths);
  for (const one of products) {
    const found = solve(series, [one]);
    if (found) return found;
  }
  for (const [i, one] of products.entries()) {
    for (const other of products.slice(0, i)) {
      const found = solve(series, [one, other]);
      if (found) return found;
    }
  }
}

interface Product {
  of: readonly number[];
  series: Series;
}

/** Returns all lengths, then all products of two lengths. */
function productsOf(lengths: readonly Series[]): Product[] {
  const products: Product[] = lengths.map((series, i) => ({ of: [i], series }));
  for (const [i, one] of lengths.entries()) {
    for (let j = 0; j <= i; j++) {
      products.push({ of: [j, i], series: one.map((length, k) => length * lengths[j][k]) });
    }
  }
  return products;
}

/**
 * Returns integer factors of the products and a constant that give the series, or undefined if there are
 * none.
 */
function solve(series: Series, products: readonly Product[]): Expression | undefined {
  // n(k) - n(0) has no constant: only the factors are unknown.
  const steps = (of: Series) => of.slice(1).map((number) => number - of[0]);
  const target = steps(series), [a, b] = products.map(({ series }) => steps(series));
  const factors = b ? cramer(a, b, target) : [target[0] / a[0]];
  if (!factors.every((factor) => Number.isInteger(factor) && factor !== 0)) return undefined;
  const sum = (k: number) => factors.reduce((sum, factor, i) => sum + factor * products[i].series[k], 0);
  const constant = series[0] - sum(0);
  if (series.some((number, k) => number !== sum(k) + constant)) return undefined;
  const terms = products.map(({ of }, i) => ({ factor: factors[i], of }));
  return constant ? [...terms, { factor: constant, of: [] }] : terms;
}

/** Solves a x + b y = c at the first two sizes, by Cramer's rule. Returns [x, y]. */
function cramer(a: Series, b: Series, c: Series): number[] {
  const determinant = a[0] * b[1] - a[1] * b[0];
  return [(c[0] * b[1] - c[1] * b[0]) / determinant, (a[0] * c[1] - a[1] * c[0]) / determinant];
}
