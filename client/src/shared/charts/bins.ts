/** Days, intervals and the like, gathered where there are too many for a bar each. */

/** Where on the axis, and one or more values there. */
export type Row = readonly [at: number, ...values: number[]];

export interface Bin {
  /** The first and the last place in it. */
  from: number;
  to: number;
  values: number[];
}

interface Span {
  from: number;
  to: number;
  size: number;
  /** A place at which one of the bins begins; with 1 one of them ends at 0. */
  anchor?: number;
  /** How many values a row has. */
  width?: number;
}

const MAX_BINS = 62;
const DAY_SIZES = [1, 2, 3, 7, 14, 30, 60, 90, 180, 365, 730, 1825, 3650];
const NUMBER_SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000];

/** How many days go into a bar. */
export function daysPerBin(days: number): number {
  return sizeFor(days, DAY_SIZES, MAX_BINS);
}

/** How many of something that is counted go into a bar. */
export function numbersPerBin(numbers: number, maxBins = MAX_BINS): number {
  return sizeFor(numbers, NUMBER_SIZES, maxBins);
}

function sizeFor(length: number, sizes: readonly number[], maxBins: number): number {
  return sizes.find((size) => length / size <= maxBins) ?? Math.ceil(length / maxBins);
}

/** Adds up what lies in each bin; rows outside of the span are left out. */
export function binned(rows: readonly Row[], span: Span): Bin[] {
  const { from, to, size, anchor = 0, width = 1 } = span;
  const first = Math.floor((from - anchor) / size);
  const bins: Bin[] = [];
  for (let begin = anchor + first * size; begin <= to; begin += size) {
    bins.push({
      from: Math.max(begin, from),
      to: Math.min(begin + size - 1, to),
      values: Array.from({ length: width }, () => 0),
    });
  }
  for (const [at, ...values] of rows) {
    if (at < from || at > to) continue;
    const bin = bins[Math.floor((at - anchor) / size) - first];
    values.forEach((value, index) => {
      if (bin) bin.values[index] = (bin.values[index] ?? 0) + value;
    });
  }
  return bins;
}

export function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** Each value with all before it. */
export function runningTotals(values: readonly number[]): number[] {
  let total = 0;
  return values.map((value) => (total += value));
}
