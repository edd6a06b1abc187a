/** Which intervals are shown: a few very long ones would press all others together. */

export const INTERVAL_RANGES = ['month', 'half', 'most', 'all'] as const;
export type IntervalRange = (typeof INTERVAL_RANGES)[number];

const MONTH = 31;
const SHARES = { half: 0.5, most: 0.95, all: 1 } as const;

type Rows = readonly (readonly [at: number, cards: number])[];

export function longestShown(intervals: Rows, range: IntervalRange): number {
  return range === 'month' ? MONTH : Math.max(1, quantile(intervals, SHARES[range]));
}

/** The lower one of the two in the middle. */
export function median(rows: Rows): number {
  return quantile(rows, 0.5);
}

/** The first value that, with all below it, belongs to this share of the cards. */
function quantile(rows: Rows, share: number): number {
  const total = rows.reduce((sum, [, cards]) => sum + cards, 0);
  let seen = 0;
  for (const [value, cards] of rows) {
    seen += cards;
    if (seen >= total * share) return value;
  }
  return 0;
}
