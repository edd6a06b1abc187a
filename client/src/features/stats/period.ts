/** How far back, and forward, the charts look; part of the address. */
import type { Stats } from './api';

export const PERIODS = ['month', 'three_months', 'year', 'all'] as const;
export type Period = (typeof PERIODS)[number];

/** As many days as the API wants for it; 0 are all there are. */
export const DAYS: Record<Period, number> = { month: 30, three_months: 90, year: 365, all: 0 };

const DEFAULT: Period = 'month';
/** All of a short history is still shown on an axis of a month. */
const SHORTEST = 30;

export function periodFrom(text: string | null): Period {
  return PERIODS.find((period) => period === text) ?? DEFAULT;
}

/** A deck's id in the address; null for all decks. */
export function deckFrom(text: string | null): number | null {
  const id = Number(text);
  return text && Number.isSafeInteger(id) && id > 0 ? id : null;
}

type Rows = readonly (readonly [day: number, ...rest: number[]])[];

/** The first day that is shown of what lies in the past; today is 0. */
export function firstDay(period: Period, rows: Rows): number {
  if (period !== 'all') return -DAYS[period];
  return Math.min(-SHORTEST, rows[0]?.[0] ?? 0);
}

/** The last day that is shown of what is to come. */
export function lastDay(period: Period, rows: Rows): number {
  if (period !== 'all') return DAYS[period];
  return Math.max(SHORTEST, rows.at(-1)?.[0] ?? 0);
}

/** How many days an average is taken over: of all there are those since the first. */
export function daysAveraged(period: Period, rows: Rows): number {
  return period === 'all' ? 1 - Math.min(0, rows[0]?.[0] ?? 0) : DAYS[period] + 1;
}

/** Whether anything was ever answered, in whatever period. */
export function hasAnswers(stats: Stats): boolean {
  return stats.calendar.length > 0 || answersEver(stats) > 0;
}

/** Whether there are answers, but none in the days that are shown. */
export function isEmptyPeriod(stats: Stats, period: Period): boolean {
  return period !== 'all' && stats.reviews.count.length === 0 && hasAnswers(stats);
}

/** All answers with a button, whenever they were given. */
export function answersEver(stats: Stats): number {
  const { learning = [], young = [], mature = [] } = stats.buttons['all_time'] ?? {};
  return [...learning, ...young, ...mature].reduce((total, number) => total + number, 0);
}
