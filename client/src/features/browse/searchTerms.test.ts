import { expect, test } from 'vitest';

import {
  deckOf,
  filtersOf,
  withFlag,
  withMarked,
  withState,
  withTag,
  withoutDeck,
} from './filters';
import { term, topTerms, withTerm } from './searchTerms';

test('a value stands in quotes where it has to', () => {
  expect(term('tag', 'verb')).toBe('tag:verb');
  expect(term('tag', 'a::b-c')).toBe('tag:a::b-c');
  expect(term('tag', 'two_words')).toBe('tag:two\\_words');
  expect(term('deck', 'My "best" deck')).toBe('deck:"My \\"best\\" deck"');
  expect(term('tag', 'a*b\\c')).toBe('tag:"a\\*b\\\\c"');
  expect(term('tag', '日本語')).toBe('tag:日本語');
  expect(term('tag', '(x)')).toBe('tag:"(x)"');
});

test('terms are words, quotes and brackets', () => {
  expect(topTerms('dog -"a cat" deck:"A B"  (is:due or is:new)')).toEqual([
    'dog',
    '-"a cat"',
    'deck:"A B"',
    '(is:due or is:new)',
  ]);
  expect(topTerms('a　b')).toEqual(['a', 'b']);
  expect(topTerms('"a \\" b" c')).toEqual(['"a \\" b"', 'c']);
  expect(topTerms('"deck:A B" -(x (y)) a\\"b')).toEqual(['"deck:A B"', '-(x (y))', 'a\\"b']);
  expect(topTerms('')).toEqual([]);
});

test('what is not finished has no terms', () => {
  expect(topTerms('a "b')).toBeNull();
  expect(topTerms('(a')).toBeNull();
  expect(topTerms('a)')).toBeNull();
});

test('a filter is added, changed and taken away', () => {
  expect(withState('', 'due')).toBe('is:due');
  expect(withState('dog', 'due')).toBe('dog is:due');
  expect(withState('is:new dog', 'due')).toBe('dog is:due');
  expect(withState('is:new dog', '')).toBe('dog');
  expect(withFlag('flag:3 a', '0')).toBe('a flag:0');
  expect(withMarked('a', true)).toBe('a tag:marked');
  expect(withMarked('a tag:marked', false)).toBe('a');
  expect(withTag('tag:verb tag:marked', 'noun x')).toBe('tag:marked tag:"noun x"');
});

test('what was not understood as a filter stays', () => {
  expect(withTag('tag:re:^a tag:v* tag:none', 'noun')).toBe('tag:re:^a tag:v* tag:none tag:noun');
  expect(withState('-is:new', 'new')).toBe('-is:new is:new');
  expect(withState('(is:new)', 'due')).toBe('(is:new) is:due');
});

test('alternatives are put in brackets', () => {
  expect(withState('dog or cat', 'due')).toBe('(dog or cat) is:due');
  expect(withState('(dog or cat) is:due', 'new')).toBe('(dog or cat) is:new');
  expect(withState('is:due or cat', '')).toBe('is:due or cat');
});

test('no word is left that has nothing to join', () => {
  expect(withState('is:new and dog', '')).toBe('dog');
  expect(withState('dog and is:new', '')).toBe('dog');
  expect(withState('a and is:new and b', '')).toBe('a and b');
});

test('a search that is not finished gets the filter at its end', () => {
  expect(withTerm('"dog', () => false, 'is:due')).toBe('"dog is:due');
});

test('the search says which filters are chosen', () => {
  expect(filtersOf('dog is:due flag:2 tag:"two words" tag:marked')).toEqual({
    state: 'due',
    flag: '2',
    tag: 'two words',
    marked: true,
  });
  expect(filtersOf('is:due or flag:2')).toEqual({ state: '', flag: '', tag: '', marked: false });
  expect(filtersOf('tag:two\\_words').tag).toBe('two_words');
  expect(filtersOf('tag:a* -tag:b').tag).toBe('');
});

test('a deck is known by its name', () => {
  const decks = [{ name: 'A' }, { name: 'A::B_c "d"' }];
  expect(deckOf('deck:"A::B\\_c \\"d\\"" dog', decks)).toBe(decks[1]);
  expect(deckOf('deck:A', decks)).toBe(decks[0]);
  expect(deckOf('deck:A*', decks)).toBeUndefined();
  expect(withoutDeck('deck:"A" dog')).toBe('dog');
});
