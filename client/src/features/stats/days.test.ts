import i18next from 'i18next';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';

import { dateOf, dayTick, daysLabel, todayOf } from './days';
import { statsWith } from './sampleStats';

const HOUR = 3_600_000;

beforeAll(() => i18next.init({ lng: 'en', resources: {} }));
afterEach(() => vi.unstubAllEnvs());

test.each([
  ['UTC', 0],
  ['America/Sao_Paulo', -3],
  ['Asia/Tokyo', 9],
])('today lasts until the rollover of the day after: %s', (zone, offset) => {
  vi.stubEnv('TZ', zone);
  const stats = statsWith({ next_day_at: Date.UTC(2026, 10, 23, 4) - offset * HOUR });
  expect(todayOf(stats)).toBe(Date.UTC(2026, 10, 22));
});

test.each([
  // The nights on which Madrid's clocks go forward and back, with the offset of before and after.
  [Date.UTC(2026, 2, 29), 1],
  [Date.UTC(2026, 2, 29), 2],
  [Date.UTC(2026, 9, 25), 2],
  [Date.UTC(2026, 9, 25), 1],
])('a day on which clocks are changed is one day', (date, offset) => {
  vi.stubEnv('TZ', 'Europe/Madrid');
  const nextDay = date + 24 * HOUR + 4 * HOUR - offset * HOUR;
  expect(todayOf(statsWith({ next_day_at: nextDay }))).toBe(date);
});

test('days have dates, also beyond a change of clocks', () => {
  const today = Date.UTC(2026, 10, 22);
  expect(dateOf(today, -365)).toBe(Date.UTC(2025, 10, 22));
  expect(daysLabel(today, { from: -28, to: -28 })).toBe('Oct 25, 2026');
  expect(daysLabel(today, { from: -6, to: 0 })).toMatch(/^Nov 16\s–\s22, 2026$/);
  expect(dayTick(today, { from: -6, to: 0 }, 90)).toBe('Nov 16');
  expect(dayTick(today, { from: -3000, to: -2970 }, 3650)).toBe('Sep 2018');
});
