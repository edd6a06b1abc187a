import { expect, test } from 'vitest';

import { type ExportChoice, exportQuery, formatsOf, isComplete, withScope } from './exportChoice';

const all: ExportChoice = { scope: 'all', format: 'colpkg', deckId: null, search: '', options: {} };

test('a query has what the format leaves a choice about', () => {
  expect(exportQuery(all)).toEqual({ format: 'colpkg', media: true, legacy: false });
  expect(exportQuery({ ...all, format: 'anki2', options: { media: false } })).toEqual({
    format: 'anki2',
  });
  expect(exportQuery({ ...all, scope: 'search', search: ' tag:x ', format: 'csv' })).toEqual({
    format: 'csv',
    q: 'tag:x',
    html: false,
    guarded: true,
  });
});

test('a deck is for others: without progress, unless somebody wants it', () => {
  const deck: ExportChoice = { ...all, scope: 'deck', deckId: 5, format: 'apkg' };
  expect(exportQuery(deck)).toMatchObject({ deck_id: 5, scheduling: false, presets: false });
  expect(exportQuery({ ...deck, options: { scheduling: true } })).toMatchObject({
    scheduling: true,
    presets: true,
  });
});

test('a part has no format that is for the whole', () => {
  expect(formatsOf('deck')).not.toContain('colpkg');
  expect(withScope(all, 'deck').format).toBe('apkg');
  expect(withScope({ ...all, format: 'csv' }, 'search').format).toBe('csv');
});

test('a deck or a search has to be given', () => {
  expect(isComplete(all)).toBe(true);
  expect(isComplete({ ...all, scope: 'deck' })).toBe(false);
  expect(isComplete({ ...all, scope: 'search', search: '  ' })).toBe(false);
});
