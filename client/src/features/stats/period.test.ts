import { expect, test } from 'vitest';

import {
  answersEver,
  daysAveraged,
  deckFrom,
  firstDay,
  hasAnswers,
  lastDay,
  periodFrom,
} from './period';
import { statsWith } from './sampleStats';

test('the address says which deck and which period', () => {
  expect(periodFrom('year')).toBe('year');
  expect(periodFrom('century')).toBe('month');
  expect(periodFrom(null)).toBe('month');
  expect(deckFrom('1767700800002')).toBe(1767700800002);
  for (const text of [null, '', '0', '-1', '1.5', 'x', '9'.repeat(20)]) {
    expect(deckFrom(text)).toBeNull();
  }
});

test('the axis has the chosen days, or all that there are and a month at least', () => {
  expect(firstDay('month', [[-300, 1]])).toBe(-30);
  expect(firstDay('all', [[-300, 1]])).toBe(-300);
  expect(firstDay('all', [[-3, 1]])).toBe(-30);
  expect(firstDay('all', [])).toBe(-30);
  expect(lastDay('three_months', [])).toBe(90);
  expect(
    lastDay('all', [
      [2, 1],
      [2000, 1],
    ]),
  ).toBe(2000);
});

test('an average of all days begins with the first', () => {
  expect(daysAveraged('month', [[-3, 1]])).toBe(31);
  expect(daysAveraged('all', [[-3, 1]])).toBe(4);
  expect(daysAveraged('all', [])).toBe(1);
});

test('whether anything was ever answered', () => {
  expect(hasAnswers(statsWith())).toBe(false);
  expect(hasAnswers(statsWith({ calendar: [[0, 1]] }))).toBe(true);
  const old = { learning: [0, 0, 2, 0], young: [1, 0, 0, 0], mature: [0, 0, 0, 0] };
  expect(answersEver(statsWith({ buttons: { all_time: old } }))).toBe(3);
});
