import { expect, test } from 'vitest';

import { type Row, binned, daysPerBin, numbersPerBin, runningTotals, sum } from './bins';

test('a day each, while there are few', () => {
  expect(daysPerBin(31)).toBe(1);
  expect(daysPerBin(91)).toBe(2);
  expect(daysPerBin(366)).toBe(7);
  expect(daysPerBin(3650)).toBe(60);
  expect(daysPerBin(36_500)).toBe(730);
  expect(daysPerBin(1_000_000)).toBeGreaterThan(3650);
});

test('numbers are gathered by round ones', () => {
  expect(numbersPerBin(50)).toBe(1);
  expect(numbersPerBin(190, 30)).toBe(10);
});

test('days without anything are bars of nothing', () => {
  const bins = binned([[-2, 5]], { from: -3, to: 0, size: 1, anchor: 1 });
  expect(bins.map(({ from, values }) => [from, ...values])).toEqual([
    [-3, 0],
    [-2, 5],
    [-1, 0],
    [0, 0],
  ]);
});

test('the last bin of the past ends today, the first may be shorter', () => {
  const bins = binned([], { from: -9, to: 0, size: 7, anchor: 1 });
  expect(bins.map(({ from, to }) => [from, to])).toEqual([
    [-9, -7],
    [-6, 0],
  ]);
});

test('a bin of those to come begins today, the backlog ends yesterday', () => {
  const bins = binned(
    [
      [-1, 2],
      [0, 3],
    ],
    { from: -4, to: 10, size: 7 },
  );
  expect(bins.map(({ from, to, values }) => [from, to, ...values])).toEqual([
    [-4, -1, 2],
    [0, 6, 3],
    [7, 10, 0],
  ]);
});

test('what lies outside is left out, all else is counted once, in its column', () => {
  const rows: Row[] = Array.from({ length: 400 }, (_, index) => [-index, 1, index]);
  const bins = binned(rows, { from: -365, to: 0, size: 7, anchor: 1, width: 2 });
  expect(sum(bins.map(({ values }) => values[0] ?? 0))).toBe(366);
  expect(sum(bins.map(({ values }) => values[1] ?? 0))).toBe((365 * 366) / 2);
  expect(bins.at(-1)).toMatchObject({ from: -6, to: 0, values: [7, 21] });
});

test('running totals', () => {
  expect(runningTotals([1, 0, 4])).toEqual([1, 1, 5]);
});
