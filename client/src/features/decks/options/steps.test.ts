import { expect, test } from 'vitest';

import { formatSteps, parseSteps } from './steps';

test('steps have units, minutes if none', () => {
  expect(parseSteps('1m 10m 1d')).toEqual([1, 10, 1440]);
  expect(parseSteps(' 5  2H 1,5h ')).toEqual([5, 120, 90]);
  expect(parseSteps('30s')).toEqual([0.5]);
  expect(parseSteps('')).toEqual([]);
});

test('what is no step is none of them', () => {
  for (const text of ['x', '1m 10x', '0m', '-1m', '1 m', '1m,10m', '1e3m']) {
    expect(parseSteps(text), text).toBeNull();
  }
});

test('steps are written in the largest unit that fits', () => {
  expect(formatSteps([1, 10, 1440])).toBe('1m 10m 1d');
  expect(formatSteps([60, 90, 0.5, 4320])).toBe('1h 90m 30s 3d');
  expect(formatSteps([])).toBe('');
});

test('what is written is read again', () => {
  const minutes = [0.25, 1, 59, 60, 61, 1440, 1441, 10080];
  expect(parseSteps(formatSteps(minutes))).toEqual(minutes);
});
