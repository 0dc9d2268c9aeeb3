// Small sums.

/** 0, 1, … up to n, which is left out. */
export const upTo = (n) => Array.from({ length: n }, (_, k) => k);

/** A sum; true counts as 1. */
export const total = (values) => values.reduce((sum, value) => sum + Number(value), 0);

/** An index, or the nearest one below `size`. */
export const within = (index, size) => Math.min(Math.max(index, 0), size - 1);
