import { afterEach, expect, test, vi } from 'vitest';

import { DAY_MS, firstWeekday, levelOf, levelStarts, yearGrid } from './calendar';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

const day = (text: string) => Date.parse(`${text}T00:00:00Z`);

test('a year by weeks that begin on Monday', () => {
  const grid = yearGrid(2026, 1);
  expect(grid.days).toHaveLength(365);
  expect(grid.weeks).toBe(53);
  // The first of January 2026 is a Thursday.
  expect(grid.days[0]).toEqual({ date: day('2026-01-01'), week: 0, weekday: 3 });
  expect(grid.days[4]).toEqual({ date: day('2026-01-05'), week: 1, weekday: 0 });
});

test('a year by weeks that begin on Sunday', () => {
  const grid = yearGrid(2026, 0);
  expect(grid.days[0]).toMatchObject({ week: 0, weekday: 4 });
  expect(grid.days[3]).toEqual({ date: day('2026-01-04'), week: 1, weekday: 0 });
});

test('a leap year that begins on the last day of a week has 54 weeks', () => {
  const grid = yearGrid(2028, 0);
  expect(grid.days).toHaveLength(366);
  expect(grid.weeks).toBe(54);
});

test('months stand over the week of their first day', () => {
  const { months } = yearGrid(2026, 1);
  expect(months).toHaveLength(12);
  expect(months.slice(0, 3).map(({ week }) => week)).toEqual([0, 4, 8]);
  expect(new Date(months[11]?.date ?? 0).toISOString()).toBe('2026-12-01T00:00:00.000Z');
});

test.each(['America/Sao_Paulo', 'Europe/Madrid', 'Pacific/Apia', 'UTC'])(
  'no day is lost or doubled where clocks are changed: %s',
  (zone) => {
    vi.stubEnv('TZ', zone);
    for (const year of [2011, 2018, 2026]) {
      const { days } = yearGrid(year, 1);
      days.forEach(({ date }, index) => {
        expect(date).toBe(Date.UTC(year, 0, 1) + index * DAY_MS);
        expect(new Date(date).getUTCHours()).toBe(0);
      });
      expect(
        days.every(({ date, weekday }) => (new Date(date).getUTCDay() + 6) % 7 === weekday),
      ).toBe(true);
    }
  },
);

test('weeks begin as they do where the person is', () => {
  expect(firstWeekday('en', ['en-US', 'en'])).toBe(0);
  expect(firstWeekday('en', ['en-GB'])).toBe(1);
  expect(firstWeekday('es', ['de', 'es-ES'])).toBe(1);
  expect(firstWeekday('es', ['es-MX'])).toBe(0);
  expect(firstWeekday('pt-BR', [])).toBe(0);
});

test('a browser that does not know about weeks', () => {
  vi.stubGlobal('Intl', { ...Intl, Locale: Object });
  expect(firstWeekday('pt-BR', [])).toBe(0);
  expect(firstWeekday('es', [])).toBe(1);
});

test('shades grow with the value, whatever the rare great day', () => {
  const starts = levelStarts([...Array.from({ length: 99 }, (_, index) => index + 1), 5000]);
  expect(starts).toEqual([1, 24, 48, 72]);
  expect([0, 1, 24, 50, 72, 5000].map((value) => levelOf(value, starts))).toEqual([
    0, 1, 2, 3, 4, 4,
  ]);
  expect(levelOf(1, levelStarts([1]))).toBeGreaterThan(0);
  expect(levelOf(0, levelStarts([]))).toBe(0);
});
