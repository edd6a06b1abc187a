/**
 * A year as columns of weeks. Dates are the UTC midnights of calendar days, which have no daylight
 * saving: every day of theirs is as long as the next.
 */

export const DAY_MS = 86_400_000;
const WEEK = 7;

export interface YearGrid {
  /** The days in order; `week` is the column, `weekday` the row. */
  days: { date: number; week: number; weekday: number }[];
  weeks: number;
  /** The first of each month, and the column that it is in. */
  months: { date: number; week: number }[];
}

/** `firstWeekday`: 0 for weeks that begin on Sunday, 1 on Monday, ... */
export function yearGrid(year: number, firstWeekday: number): YearGrid {
  const start = Date.UTC(year, 0, 1);
  const length = (Date.UTC(year + 1, 0, 1) - start) / DAY_MS;
  const before = (new Date(start).getUTCDay() - firstWeekday + WEEK) % WEEK;
  const days = Array.from({ length }, (_, index) => ({
    date: start + index * DAY_MS,
    week: Math.floor((index + before) / WEEK),
    weekday: (index + before) % WEEK,
  }));
  return {
    days,
    weeks: (days.at(-1)?.week ?? 0) + 1,
    months: days.filter(({ date }) => new Date(date).getUTCDate() === 1),
  };
}

interface WeekInfo {
  firstDay: number;
}
type LocaleWithWeeks = Intl.Locale & { getWeekInfo?: () => WeekInfo; weekInfo?: WeekInfo };

const SUNDAY_FIRST = ['en', 'pt'];

/**
 * On which day weeks begin, 0 being Sunday: where the person is, as far as the browser's languages
 * tell, else where most people of the language are.
 */
export function firstWeekday(language: string, browserLanguages: readonly string[]): number {
  const base = language.split('-')[0] ?? language;
  const theirs = browserLanguages.find((other) => other.split('-')[0] === base) ?? language;
  try {
    const locale: LocaleWithWeeks = new Intl.Locale(theirs);
    const info = locale.getWeekInfo?.() ?? locale.weekInfo;
    if (info) return info.firstDay % WEEK;
  } catch {
    // Not a language that the browser knows.
  }
  return SUNDAY_FIRST.includes(base) ? 0 : 1;
}

export const LEVELS = 4;

/**
 * The values at which the shades of a heat map begin. The rare days on which much more was done
 * than on others do not make all others look alike.
 */
export function levelStarts(values: readonly number[]): number[] {
  const some = values.filter((value) => value > 0).sort((a, b) => a - b);
  const usualMax = some[Math.floor((some.length - 1) * 0.95)] ?? 1;
  return Array.from({ length: LEVELS }, (_, level) => Math.ceil((usualMax * level) / LEVELS) || 1);
}

/** 0 for nothing, then the shade from 1 on. */
export function levelOf(value: number, starts: readonly number[]): number {
  return value > 0 ? Math.max(1, starts.filter((start) => value >= start).length) : 0;
}
