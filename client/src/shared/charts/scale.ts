/** Axes that begin at zero and have round marks. */

export interface Axis {
  /** The value at the upper end. */
  top: number;
  /** From zero to the top, evenly. */
  ticks: number[];
}

const WANTED_STEPS = 4;
const ROUND = [1, 2, 5, 10] as const;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const TIME_STEPS = [
  ...[1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  HOUR,
] as const;

/** For things that are counted: whole steps of 1, 2 or 5 times a power of ten. */
export function countAxis(max: number): Axis {
  return axisOf(max, Math.max(1, roundUp(max / WANTED_STEPS)));
}

/** For seconds: steps that people use on clocks, and round numbers of hours. */
export function timeAxis(max: number): Axis {
  const rough = max / WANTED_STEPS;
  const step = TIME_STEPS.find((step) => step >= rough) ?? HOUR * roundUp(rough / HOUR);
  return axisOf(max, step);
}

/** The next number that is 1, 2 or 5 times a power of ten. */
function roundUp(value: number): number {
  if (value <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  return (ROUND.find((round) => round * power >= value) ?? 10) * power;
}

function axisOf(max: number, step: number): Axis {
  const steps = Math.max(1, Math.ceil(max / step));
  return {
    top: steps * step,
    ticks: Array.from({ length: steps + 1 }, (_, index) => index * step),
  };
}

/** The part of a whole, from 0 to 1; null where there is no whole. */
export function shareOf(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}

/** Which of the marks along the lower edge have room for their names. */
export function namedTicks(count: number, room: number, nameWidth: number): number[] {
  const every = Math.max(1, Math.ceil((count * nameWidth) / Math.max(1, room)));
  return Array.from({ length: Math.ceil(count / every) }, (_, index) => index * every);
}
