import { expect, test } from 'vitest';

import type { Card } from '../api';
import { changesOf, draftOf, htmlOf } from './draft';

const CARD = {
  fields: { Front: 'a<br>b', Back: '<b>x</b>\ny' },
  tags: ['one'],
  deck_id: 1,
} as unknown as Card;

test('nothing is sent of what is as it was', () => {
  const draft = draftOf(CARD);
  expect(draft.texts['Front']).toBe('a\nb');
  expect(changesOf(CARD, draft)).toBeNull();
});

test('only what differs is sent', () => {
  const draft = draftOf(CARD);
  const front = { ...draft, texts: { ...draft.texts, Front: 'a\nb\nc' } };
  expect(changesOf(CARD, front)).toEqual({ fields: { Front: 'a<br>b<br>c' } });
  expect(changesOf(CARD, { ...draft, tags: [], deckId: 2 })).toEqual({ tags: [], deck_id: 2 });
  expect(htmlOf(CARD, front)).toEqual({ Front: 'a<br>b<br>c', Back: '<b>x</b>\ny' });
});
