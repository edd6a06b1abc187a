import { expect, test } from 'vitest';

import { applied, clozeNumber, insertion, wrap } from './textEdits';

test('the next deletion has the next number of all fields', () => {
  expect(clozeNumber(['', ''], 'next')).toBe(1);
  expect(clozeNumber(['{{c1::a}} {{c3::b}}', '{{c2::c}}'], 'next')).toBe(4);
  expect(clozeNumber(['{{c12::a::hint}}'], 'next')).toBe(13);
});

test('the same deletion has the highest number, at least one', () => {
  expect(clozeNumber([''], 'same')).toBe(1);
  expect(clozeNumber(['{{c1::a}}', '{{c2::b}}'], 'same')).toBe(2);
});

test('what is wrapped stays selected', () => {
  const edit = wrap('a word here', 2, 6, '{{c1::', '}}');
  const value = applied('a word here', edit);
  expect(value).toBe('a {{c1::word}} here');
  expect(value.slice(...edit.select)).toBe('word');
});

test('with nothing selected the cursor is between', () => {
  const edit = wrap('ab', 1, 1, '<b>', '</b>');
  expect(applied('ab', edit)).toBe('a<b></b>b');
  expect(edit.select).toEqual([4, 4]);
});

test('what is inserted replaces the selection', () => {
  const edit = insertion(1, 2, '[sound:x.mp3]');
  expect(applied('abc', edit)).toBe('a[sound:x.mp3]c');
  expect(edit.select).toEqual([14, 14]);
});
