import i18next from 'i18next';
import { beforeAll, expect, test } from 'vitest';

import { sum } from '@/shared/charts';

import { firstYear, yearOfDays } from './calendarYears';
import { correctShare } from './correctShare';
import { dayBars, runningTotal } from './dayBars';
import { longestShown, median } from './intervals';
import { numberBars } from './numberBars';
import { statsWith } from './sampleStats';
import { studyTime } from './studyTime';

const today = Date.UTC(2026, 10, 22);

beforeAll(() => i18next.init({ lng: 'en', resources: {} }));

test('a year has its own days and none after today', () => {
  const calendar: [number, number][] = [
    [-400, 9],
    [-326, 8],
    [-325, 7],
    [0, 6],
    [1, 5],
  ];
  const year = yearOfDays(calendar, today, 2026);
  expect([...year.values.values()]).toEqual([7, 6]);
  expect(year.length).toBe(326);
  expect([...yearOfDays(calendar, today, 2025).values.values()]).toEqual([9, 8]);
  expect(yearOfDays(calendar, today, 2025).length).toBe(365);
});

test('there is a year before where there are answers that this one does not have', () => {
  const calendar: [number, number][] = [[-1, 2]];
  const buttons = (learning: number[]) => ({
    buttons: { all_time: { learning, young: [], mature: [] } },
  });
  expect(firstYear(undefined, statsWith({ calendar, ...buttons([2]) }), today)).toBe(2026);
  expect(firstYear(undefined, statsWith({ calendar, ...buttons([3]) }), today)).toBe(2025);
  expect(firstYear([[-3650, 1]], statsWith(), today)).toBe(2016);
  expect(firstYear([], statsWith(), today)).toBe(2026);
});

test('ten years of days become bars that have all of them', () => {
  const rows = Array.from({ length: 3650 }, (_, index) => [index - 3649, 1, 2] as const);
  const { bars, labelOf } = dayBars(rows, { from: -3649, to: 0, today, width: 2 });
  expect(bars.length).toBeLessThanOrEqual(62);
  expect(sum(bars.flat())).toBe(3 * 3650);
  expect(labelOf(bars.length - 1)).toContain('Nov 22, 2026');
  const total = runningTotal('All', bars, String);
  expect(total.valueOf(bars.length - 1)).toBe(String(3 * 3650));
});

test('intervals: the median, and what is shown of the longest', () => {
  const intervals = [
    [1, 50],
    [10, 45],
    [900, 5],
  ] as const;
  expect(median(intervals)).toBe(1);
  expect(longestShown(intervals, 'half')).toBe(1);
  expect(longestShown(intervals, 'most')).toBe(10);
  expect(longestShown(intervals, 'all')).toBe(900);
  expect(longestShown(intervals, 'month')).toBe(31);
  expect(longestShown([], 'all')).toBe(1);
});

test('eases in bars of ten percent', () => {
  const { bars, labelOf } = numberBars(
    [
      [130, 1],
      [139, 1],
      [250, 7],
    ],
    { from: 130, to: 300, format: String, maxBins: 30 },
  );
  expect(bars[0]).toEqual([2]);
  expect(labelOf(0)).toBe('130 – 139');
  expect(bars[12]).toEqual([7]);
});

test('correct is every button but again', () => {
  expect(correctShare([1, 1, 1, 1])).toBe(0.75);
  expect(correctShare([0, 0, 0, 0])).toBeNull();
  expect(correctShare()).toBeNull();
});

test('time spent is never in days', () => {
  expect(studyTime(42)).toBe('42 sec');
  expect(studyTime(90)).toBe('1.5 min');
  expect(studyTime(100 * 3600)).toBe('100 hr');
});
