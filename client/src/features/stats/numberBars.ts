/** Cards by a number of theirs as the bars of a chart. */
import { type BarModel, type Row, binned, numbersPerBin } from '@/shared/charts';

interface Span {
  from: number;
  to: number;
  format: (value: number) => string;
  maxBins?: number;
}

/** One bar for each number, or for several where there are many. */
export function numberBars(
  rows: readonly Row[],
  { from, to, format, maxBins }: Span,
): Pick<BarModel, 'bars' | 'labelOf' | 'tickOf'> {
  const size = numbersPerBin(to - from + 1, maxBins);
  const bins = binned(rows, { from, to, size });
  return {
    bars: bins.map(({ values }) => values),
    labelOf: (index) => {
      const { from, to } = bins[index] ?? { from: 0, to: 0 };
      return from === to ? format(from) : `${format(from)} – ${format(to)}`;
    },
    tickOf: (index) => format(bins[index]?.from ?? 0),
  };
}
