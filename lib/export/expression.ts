/** Whole numbers that change with the lengths of inputs, told by these lengths. */

/** A number at each of several sizes of the inputs. */
export type Series = readonly number[];

/** `factor` times the lengths of these places in a list; of none it is a constant. */
export interface Term {
  factor: number;
  of: readonly number[];
}

/** The sum of its terms. */
export type Expression = readonly Term[];

export const isConstant = (series: Series): boolean => series.every((number) => number === series[0]);

/**
 * The simplest expression that gives `series` at every size: a constant, or one or two products of at most two lengths with
 * whole factors and a constant. Undefined where there is none. Sizes must be more than the unknowns by so many that none
 * fits by chance; six are.
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

/** Lengths, then all products of two. */
function productsOf(lengths: readonly Series[]): Product[] {
  const products: Product[] = lengths.map((series, i) => ({ of: [i], series }));
  for (const [i, one] of lengths.entries()) {
    for (let j = 0; j <= i; j++) {
      products.push({ of: [j, i], series: one.map((length, k) => length * lengths[j][k]) });
    }
  }
  return products;
}

/** Whole factors of these products and a constant that give the series, if there are any. */
function solve(series: Series, products: readonly Product[]): Expression | undefined {
  const steps = (of: Series) => of.slice(1).map((number) => number - of[0]); // free of the constant
  const target = steps(series), [a, b] = products.map(({ series }) => steps(series));
  const factors = b ? cramer(a, b, target) : [target[0] / a[0]];
  if (!factors.every((factor) => Number.isInteger(factor) && factor !== 0)) return undefined;
  const sum = (k: number) => factors.reduce((sum, factor, i) => sum + factor * products[i].series[k], 0);
  const constant = series[0] - sum(0);
  if (series.some((number, k) => number !== sum(k) + constant)) return undefined;
  const terms = products.map(({ of }, i) => ({ factor: factors[i], of }));
  return constant ? [...terms, { factor: constant, of: [] }] : terms;
}

/** x and y with a x + b y = c at the first two places. */
function cramer(a: Series, b: Series, c: Series): number[] {
  const determinant = a[0] * b[1] - a[1] * b[0];
  return [(c[0] * b[1] - c[1] * b[0]) / determinant, (a[0] * c[1] - a[1] * c[0]) / determinant];
}
