import { expect, test } from 'vitest';

import { ApiError } from '@/shared/api/errors';

import { knownReason, searchProblem } from './searchProblem';

const refused = (q: string) => new ApiError(400, { error: 'invalid_input', fields: { q } });

test('the piece is marked where it stands', () => {
  const problem = searchProblem(
    refused('is: takes one of new (at character 8: foo)'),
    'dog is:foo x',
  );
  expect(problem).toEqual({
    reason: 'is: takes one of new',
    place: { before: 'dog is:', piece: 'foo', after: ' x' },
  });
});

test('places are counted in characters, not in the units of a string', () => {
  const problem = searchProblem(refused('no (at character 3: "x)'), '😀 "x');
  expect(problem?.place).toEqual({ before: '😀 ', piece: '"x', after: '' });
});

test('a piece that was cut is marked as far as it is known', () => {
  const long = 'y'.repeat(40);
  const problem = searchProblem(refused(`no (at character 3: (${'y'.repeat(29)}…)`), `a (${long}`);
  expect(problem?.place?.piece).toBe(`(${'y'.repeat(29)}`);
  expect(problem?.place?.after).toBe('y'.repeat(11));
});

test('a piece with brackets and lines of its own is found', () => {
  const problem = searchProblem(refused('a bracket (of these) (at character 1: (a) b))'), '(a) b)');
  expect(problem).toEqual({
    reason: 'a bracket (of these)',
    place: { before: '', piece: '(a) b)', after: '' },
  });
});

test('what is about no place has none', () => {
  expect(searchProblem(refused('takes too long; make it simpler'), 'x')?.place).toBeNull();
  expect(searchProblem(refused('no (at character 90: x)'), 'x')?.place).toBeNull();
});

test('other errors are no problem of the search', () => {
  expect(searchProblem(new ApiError(400, { fields: { deck_id: 'no' } }), 'x')).toBeNull();
  expect(searchProblem(new ApiError(503, {}), 'x')).toBeNull();
  expect(searchProblem(null, 'x')).toBeNull();
});

test('known reasons have a sentence of ours', () => {
  expect(knownReason('a bracket is opened here and never closed')).toBe('opened');
  expect(knownReason('rated: takes a whole number of days, 0 or more')).toBe('number');
  expect(knownReason('something new')).toBeUndefined();
});
