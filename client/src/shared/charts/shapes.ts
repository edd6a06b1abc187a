/** Where the bars stand, in numbers that an SVG path takes. */

export interface Plot {
  left: number;
  top: number;
  width: number;
  height: number;
  /** The room for names under it. */
  below: number;
}

export type Layout = 'stacked' | 'grouped';

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

const GAP = 0.15;
const MAX_GAP = 6;
/** The least height of what is more than nothing. */
const LEAST = 1;
/** Between pieces that stand on each other. */
const SEAM = 1;

/** Of each value of a bar where it begins and ends when they stand on each other. */
export function stacked(values: readonly number[]): (readonly [begin: number, end: number])[] {
  let at = 0;
  return values.map((value) => {
    const begin = at;
    at += value;
    return [begin, at];
  });
}

/** The highest point of all bars. */
export function highest(bars: readonly (readonly number[])[], layout: Layout): number {
  return bars.reduce((max, values) => {
    const height =
      layout === 'stacked' ? (stacked(values).at(-1)?.[1] ?? 0) : Math.max(0, ...values);
    return Math.max(max, height);
  }, 0);
}

/** One path for all the pieces of a series: a shape for each bar would be slow to draw. */
export function seriesPath(
  bars: readonly (readonly number[])[],
  series: number,
  { plot, top, layout }: { plot: Plot; top: number; layout: Layout },
): string {
  const slot = plot.width / bars.length;
  return bars
    .map((values, index) => {
      const value = values[series] ?? 0;
      if (value <= 0) return '';
      const place = { x: plot.left + index * slot, slot, plot, top };
      return layout === 'stacked'
        ? boxPath(stackedBox(values, series, place))
        : boxPath(groupedBox(value, series, values.length, place));
    })
    .join('');
}

interface Place {
  x: number;
  slot: number;
  plot: Plot;
  top: number;
}

function stackedBox(values: readonly number[], series: number, place: Place): Box {
  const { x, slot, plot, top } = place;
  const [begin, end] = stacked(values)[series] ?? [0, 0];
  const gap = Math.min(MAX_GAP, slot * GAP);
  const height = ((end - begin) / top) * plot.height;
  return {
    x: x + gap / 2,
    y: plot.top + plot.height - (begin / top) * plot.height - Math.max(LEAST, height),
    width: slot - gap,
    height: Math.max(LEAST, begin > 0 ? height - SEAM : height),
  };
}

function groupedBox(value: number, series: number, count: number, place: Place): Box {
  const { x, slot, plot, top } = place;
  const gap = slot * GAP;
  const width = (slot - gap) / count;
  const height = Math.max(LEAST, (value / top) * plot.height);
  return {
    x: x + gap / 2 + series * width + 1,
    y: plot.top + plot.height - height,
    width: width - 2,
    height,
  };
}

function boxPath({ x, y, width, height }: Box): string {
  return `M${short(x)} ${short(y)}h${short(width)}v${short(height)}h${short(-width)}z`;
}

/** A line through the middle of the bars, broken where there is no value; 1 is the upper edge. */
export function linePath(values: readonly (number | null)[], plot: Plot): string {
  let drawing = false;
  return values
    .map((value, index) => {
      if (value === null) {
        drawing = false;
        return '';
      }
      const { x, y } = pointAt(value, index, values.length, plot);
      const step = `${drawing ? 'L' : 'M'}${short(x)} ${short(y)}`;
      drawing = true;
      return step;
    })
    .join('');
}

export function pointAt(value: number, index: number, count: number, plot: Plot) {
  return {
    x: plot.left + ((index + 0.5) * plot.width) / count,
    y: plot.top + plot.height * (1 - value),
  };
}

function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}
