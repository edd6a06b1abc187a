import { expect, test } from 'vitest';

import { countAxis, namedTicks, shareOf, timeAxis } from './scale';

test.each([
  [0, [0, 1]],
  [1, [0, 1]],
  [3, [0, 1, 2, 3]],
  [7, [0, 2, 4, 6, 8]],
  [10, [0, 5, 10]],
  [90, [0, 50, 100]],
  [437, [0, 200, 400, 600]],
  [12_345, [0, 5000, 10_000, 15_000]],
])('an axis up to %d has round marks', (max, ticks) => {
  expect(countAxis(max)).toEqual({ top: ticks.at(-1), ticks });
});

test('every axis of counts reaches its highest value in few whole steps', () => {
  for (let max = 0; max < 5000; max += 1) {
    const { top, ticks } = countAxis(max);
    expect(top).toBeGreaterThanOrEqual(max);
    expect(ticks.length).toBeLessThanOrEqual(5);
    expect(ticks.every(Number.isInteger)).toBe(true);
  }
});

test.each([
  [0, [0, 1]],
  [7, [0, 2, 4, 6, 8]],
  [50, [0, 15, 30, 45, 60]],
  [500, [0, 300, 600]],
  [3600, [0, 900, 1800, 2700, 3600]],
  [30 * 3600, [0, 36_000, 72_000, 108_000]],
])('%d seconds are marked by seconds, minutes or hours', (max, ticks) => {
  expect(timeAxis(max).ticks).toEqual(ticks);
});

test('a share of nothing is none', () => {
  expect(shareOf(1, 4)).toBe(0.25);
  expect(shareOf(0, 3)).toBe(0);
  expect(shareOf(0, 0)).toBeNull();
});

test('names stand as close as there is room', () => {
  expect(namedTicks(4, 400, 100)).toEqual([0, 1, 2, 3]);
  expect(namedTicks(10, 400, 100)).toEqual([0, 3, 6, 9]);
  expect(namedTicks(1, 10, 100)).toEqual([0]);
});
