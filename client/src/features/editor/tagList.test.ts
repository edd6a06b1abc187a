import { expect, test } from 'vitest';

import { splitTags, suggestedTags, withTags } from './tagList';

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

test('suggestions begin with what is typed, or have it inside', () => {
  const known = ['adverb', 'verb', 'Verb::irregular', 'noun'];
  expect(suggestedTags(known, 'ver', ['verb'], 5)).toEqual(['Verb::irregular', 'adverb']);
  expect(suggestedTags(known, '', [], 2)).toEqual(['adverb', 'verb']);
});
