import { expect, test } from 'vitest';

import { endsTag, splitTags, suggestedTags, withTag, withTags } from './tagList';

test('tags are divided by blanks and commas', () => {
  expect(splitTags('  verb, A1\tspanish::irregular ')).toEqual([
    'verb',
    'A1',
    'spanish::irregular',
  ]);
  expect(splitTags(' , ')).toEqual([]);
});

test('a tag is there once', () => {
  expect(withTags(['Verb'], 'verb noun NOUN')).toEqual(['Verb', 'noun']);
});

test('a known tag with a comma stays one', () => {
  expect(withTag(['noun'], 'a,b')).toEqual(['noun', 'a,b']);
  expect(withTag(['A,B'], 'a,b')).toEqual(['A,B']);
});

test('a blank or a comma ends a tag', () => {
  expect(['verb ', 'verb,', 'verb、', 'a b'].every(endsTag)).toBe(true);
  expect(endsTag('verb::irregular')).toBe(false);
});

test('suggestions begin with what is typed, or have it inside', () => {
  const known = ['adverb', 'verb', 'Verb::irregular', 'noun'];
  expect(suggestedTags(known, 'ver', ['verb'], 5)).toEqual(['Verb::irregular', 'adverb']);
  expect(suggestedTags(known, '', [], 2)).toEqual(['adverb', 'verb']);
});
