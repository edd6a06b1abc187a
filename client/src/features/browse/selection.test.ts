import { expect, test } from 'vitest';

import { NOTHING, extended, shareOf, toggled, withAll, without } from './selection';

const PAGE = [1, 2, 3, 4, 5];
const ids = (selection: { ids: ReadonlySet<number> }) => [...selection.ids].sort((a, b) => a - b);

test('one is chosen and left again', () => {
  const one = toggled(NOTHING, 2);
  expect(ids(one)).toEqual([2]);
  expect(ids(toggled(one, 2))).toEqual([]);
});

test('a range goes from where it began, either way, and takes what was chosen along', () => {
  const one = toggled(NOTHING, 4);
  expect(ids(extended(one, 2, PAGE))).toEqual([2, 3, 4]);
  expect(ids(extended(extended(one, 2, PAGE), 5, PAGE))).toEqual([2, 3, 4, 5]);
  expect(extended(one, 2, PAGE).anchor).toBe(4);
});

test('a range without a beginning, or with one on another page, is one card', () => {
  expect(ids(extended(NOTHING, 3, PAGE))).toEqual([3]);
  const elsewhere = toggled(NOTHING, 99);
  const next = extended(elsewhere, 3, PAGE);
  expect(ids(next)).toEqual([3, 99]);
  expect(next.anchor).toBe(3);
});

test('what is not on the page cannot end a range', () => {
  expect(extended(NOTHING, 99, PAGE)).toBe(NOTHING);
});

test('pages are chosen one after another', () => {
  const both = withAll(withAll(NOTHING, PAGE), [6, 7]);
  expect(ids(both)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(ids(without(both, PAGE))).toEqual([6, 7]);
  expect(without(toggled(NOTHING, 2), [2]).anchor).toBeNull();
});

test('a page is chosen in part or as a whole', () => {
  expect(shareOf(NOTHING, PAGE)).toBe('none');
  expect(shareOf(toggled(NOTHING, 1), PAGE)).toBe('some');
  expect(shareOf(withAll(NOTHING, PAGE), PAGE)).toBe('all');
  expect(shareOf(NOTHING, [])).toBe('none');
});
