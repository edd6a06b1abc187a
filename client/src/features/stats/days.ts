/**
 * The service counts days from today; people know them by their dates. A date is the UTC midnight
 * of a calendar day, so that no daylight saving shifts it.
 */
import { DAY_MS } from '@/shared/charts';
import { formatDate, formatDateRange } from '@/shared/i18n/format';

import type { Stats } from './api';

const HOUR_MS = 3_600_000;
const NOON = 12;
const LONG = { dateStyle: 'medium', timeZone: 'UTC' } as const;
const DAY_AND_MONTH = { day: 'numeric', month: 'short', timeZone: 'UTC' } as const;
const MONTH_AND_YEAR = { month: 'short', year: 'numeric', timeZone: 'UTC' } as const;
/** From here on the day of the month says little. */
const LONG_SPAN = 400;

/** Today's date. Noon is the same day even where clocks have just been changed. */
export function todayOf({ next_day_at, rollover_hour }: Stats): number {
  const noon = new Date(next_day_at - (rollover_hour + NOON) * HOUR_MS);
  return Date.UTC(noon.getFullYear(), noon.getMonth(), noon.getDate());
}

export function dateOf(today: number, day: number): number {
  return today + day * DAY_MS;
}

interface Days {
  from: number;
  to: number;
}

/** The days of a bar, in full. */
export function daysLabel(today: number, { from, to }: Days): string {
  if (from === to) return formatDate(dateOf(today, from), LONG);
  return formatDateRange(dateOf(today, from), dateOf(today, to), LONG);
}

/** Where a bar begins, in short; `span` is how many days the axis has. */
export function dayTick(today: number, { from }: Days, span: number): string {
  return formatDate(dateOf(today, from), span > LONG_SPAN ? MONTH_AND_YEAR : DAY_AND_MONTH);
}
