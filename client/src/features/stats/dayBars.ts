/** Numbers by day as the bars of a chart. */
import {
  type BarModel,
  type Bin,
  type Row,
  binned,
  daysPerBin,
  runningTotals,
  sum,
} from '@/shared/charts';

import { dayTick, daysLabel } from './days';

interface Span {
  from: number;
  to: number;
  /** The date of day 0. */
  today: number;
  /** How many values a day has. */
  width?: number;
}

type DayBars = Pick<BarModel, 'bars' | 'labelOf' | 'tickOf' | 'startAt'>;

/** One bar for each day, or for several where there are many. */
export function dayBars(rows: readonly Row[], span: Span): DayBars {
  const { from, to, today, width = 1 } = span;
  const isPast = to <= 0;
  const size = daysPerBin(to - from + 1);
  // Today is the last day of its bar, or the first one of those to come.
  const bins = binned(rows, { from, to, size, anchor: isPast ? 1 : 0, width });
  const place = (index: number): Bin => bins[index] ?? { from: 0, to: 0, values: [] };
  return {
    bars: bins.map(({ values }) => values),
    labelOf: (index) => daysLabel(today, place(index)),
    tickOf: (index) => dayTick(today, place(index), to - from),
    startAt: isPast ? 'last' : 'first',
  };
}

/** What all bars up to each one add up to. */
export function runningTotal(
  label: string,
  bars: BarModel['bars'],
  format: (value: number) => string,
) {
  const totals = runningTotals(bars.map((values) => sum(values)));
  return { label, valueOf: (index: number) => format(totals[index] ?? 0) };
}
