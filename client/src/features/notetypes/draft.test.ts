import { expect, test } from 'vitest';

import type { Notetype } from '@/shared/data/notetypes';

import { changesOf, draftOf, freeName, moved, removedBy } from './draft';

const field = (name: string) => ({
  name,
  font: 'Arial',
  size: 20,
  rtl: false,
  sticky: false,
  description: '',
  plain_text: false,
  collapsed: false,
  exclude_from_search: false,
});
const BASIC: Notetype = {
  id: 1,
  name: 'Basic',
  kind: 'standard',
  note_count: 3,
  sort_field: 'Front',
  fields: [field('Front'), field('Back')],
  templates: [
    {
      name: 'Card 1',
      question: '{{Front}}',
      answer: '{{Back}}',
      browser_question: '',
      browser_answer: '',
      deck_id: null,
    },
  ],
  css: '',
};

test('nothing is told of what was not changed', () => {
  expect(changesOf(draftOf(BASIC), BASIC)).toEqual({});
});

test('a renamed field says what it was, a new one that it was nothing', () => {
  const draft = draftOf(BASIC);
  draft.fields[0] = { was: 'Front', name: 'Word', rtl: false, sticky: true };
  draft.fields.push({ was: null, name: 'Hint', rtl: false, sticky: false });
  expect(changesOf(draft, BASIC)).toEqual({
    fields: [
      { was: 'Front', name: 'Word', rtl: false, sticky: true },
      { was: 'Back', name: 'Back', rtl: false, sticky: false },
      { was: null, name: 'Hint', rtl: false, sticky: false },
    ],
  });
  expect(removedBy(draft, BASIC)).toEqual({ fields: [], templates: [] });
});

test('what is left out is removed, even when a new one takes its name', () => {
  const draft = draftOf(BASIC);
  draft.fields = [
    { was: 'Front', name: 'Front', rtl: false, sticky: false },
    { was: null, name: 'Back', rtl: false, sticky: false },
  ];
  expect(removedBy(draft, BASIC)).toEqual({ fields: ['Back'], templates: [] });
});

test('parts are moved, and named as nothing else is', () => {
  expect(moved(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a']);
  expect(moved(['a', 'b', 'c'], 2, 1)).toEqual(['a', 'c', 'b']);
  expect(freeName('Field', [{ was: null, name: 'field 2' }])).toBe('Field 3');
});
