/** Which days of which year the calendar has. */
import { DAY_MS, sum } from '@/shared/charts';

import type { Stats } from './api';
import { dateOf } from './days';
import { answersEver } from './period';

type Calendar = Stats['calendar'];

export interface YearOfDays {
  /** Reviews by date, of the days that have any. */
  values: Map<number, number>;
  /** How many days the year has had up to today. */
  length: number;
}

export function yearOfDays(calendar: Calendar, today: number, year: number): YearOfDays {
  const start = Date.UTC(year, 0, 1);
  const end = Date.UTC(year + 1, 0, 1);
  const dated = calendar.map(([day, count]) => [dateOf(today, day), count] as const);
  return {
    values: new Map(dated.filter(([date]) => date >= start && date < end && date <= today)),
    length: (Math.min(end, today + DAY_MS) - start) / DAY_MS,
  };
}

/**
 * The first year that can be gone to. Before all years were fetched: the one before this, if there
 * are answers that this one does not have.
 */
export function firstYear(all: Calendar | undefined, stats: Stats, today: number): number {
  const thisYear = new Date(today).getUTCFullYear();
  if (all) return new Date(dateOf(today, Math.min(0, all[0]?.[0] ?? 0))).getUTCFullYear();
  const ofThisYear = sum(yearOfDays(stats.calendar, today, thisYear).values.values());
  return answersEver(stats) > ofThisYear ? thisYear - 1 : thisYear;
}
