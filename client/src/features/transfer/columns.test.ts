import { expect, test } from 'vitest';

import type { TextPreview } from './api';
import {
  columnUses,
  firstOptions,
  tagsOf,
  withChosen,
  withDelimiter,
  withNotetype,
} from './columns';

const preview: TextPreview = {
  success: true,
  delimiter: 'comma',
  is_html: false,
  has_names_row: false,
  columns: ['', '', '', ''],
  rows: [['a', 'b', 'c', 'd']],
  notetype_id: 7,
  notetype_column: 0,
  field_columns: [2, 2, 0],
  deck_id: 1,
  deck_name: 'Default',
  deck_column: 4,
  tags_column: 3,
  guid_column: 0,
  tags: [],
  updated_tags: [],
  if_matches: 'update',
  match_scope: 'notetype',
};

test('each column has a use, or none', () => {
  expect(columnUses(preview, ['Front', 'Back', 'More'])).toEqual([
    { kind: 'nothing' },
    { kind: 'field', name: 'Front, Back' },
    { kind: 'tags' },
    { kind: 'deck' },
  ]);
  expect(columnUses({ ...preview, field_columns: null }, [])[0]).toEqual({ kind: 'fieldOfRow' });
});

test('another notetype or delimiter makes the columns be found anew', () => {
  const options = { field_columns: [1], tags_column: 2, is_html: true };
  expect(withNotetype(options, 9)).toEqual({
    field_columns: null,
    notetype_id: 9,
    tags_column: 2,
    is_html: true,
  });
  expect(withDelimiter(options, 'tab')).toMatchObject({ field_columns: null, tags_column: null });
});

test('a choice is seen before the service has said what comes of it', () => {
  const shown = withChosen(preview, { is_html: true, deck_id: 5, field_columns: null });
  expect(shown).toMatchObject({
    is_html: true,
    deck_id: 5,
    deck_column: 0,
    field_columns: [2, 2, 0],
  });
});

test('spreadsheets are separated by what is most in their first line', () => {
  expect(firstOptions('csv', 'a,b|c,d\n')).toEqual({ delimiter: 'comma' });
  expect(firstOptions('csv', '"a,b,c";d;e\r\nf')).toEqual({ delimiter: 'semicolon' });
  expect(firstOptions('csv', 'a word')).toEqual({});
  expect(firstOptions('csv', '#separator:pipe\na,b')).toEqual({});
  expect(firstOptions('tsv', 'a,b')).toEqual({ delimiter: 'tab' });
  expect(firstOptions('txt', 'a,b')).toEqual({});
});

test('tags are what stands between spaces', () => {
  expect(tagsOf('  verbs\tirregular ')).toEqual(['verbs', 'irregular']);
  expect(tagsOf(' ')).toEqual([]);
});
