import { describe, expect, test } from 'vitest';

import { uploadRequest } from './api';
import { DIRECT_BYTES, formatOf, headOf, wayFor } from './files';
import { shortened } from './reportText';
import { asQuery } from './wanted';

test('the end of the name says what a file is', () => {
  expect(formatOf('My.Deck.APKG')).toBe('apkg');
  expect(formatOf('words.tsv')).toBe('tsv');
  expect(formatOf('notes.pdf')).toBeNull();
  expect(formatOf('apkg')).toBeNull();
});

test('small files go with the request, larger ones are uploaded', () => {
  expect(wayFor(0)).toBe('direct');
  expect(wayFor(DIRECT_BYTES)).toBe('direct');
  expect(wayFor(DIRECT_BYTES + 1)).toBe('upload');
});

describe('headOf', () => {
  test('gives a short file whole', async () => {
    const file = new File(['a\tb'], 'a.txt');
    await expect(headOf(file)).resolves.toBe(file);
  });

  test('cuts a long one at the end of a line', async () => {
    const line = `${'é'.repeat(499)}\n`;
    const file = new File([line.repeat(6000)], 'a.txt');
    const head = await headOf(file);
    expect(head.size).toBeLessThanOrEqual(1024 * 1024);
    expect(head.size % 999).toBe(0);
  });
});

describe('uploadRequest', () => {
  const file = new File(['bytes'], 'deck.apkg');

  test('sends the file as the body of a PUT', () => {
    const offer = { upload_id: '1', url: '/uploads/x', method: 'PUT', fields: {} } as const;
    expect(uploadRequest(offer, file)).toEqual({
      url: '/uploads/x',
      method: 'PUT',
      data: file,
      headers: { 'Content-Type': 'application/octet-stream' },
    });
  });

  test('sends the fields of a POST before the file', () => {
    const fields = { key: 'uploads/1', policy: 'p', 'x-amz-signature': 's' };
    const offer = { upload_id: '1', url: 'https://s3.test/b', method: 'POST', fields } as const;
    const request = uploadRequest(offer, file);
    expect(request.headers).toBeUndefined();
    const entries = [...(request.data as FormData).entries()];
    expect(entries.map(([name]) => name)).toEqual(['key', 'policy', 'x-amz-signature', 'file']);
    expect(entries[0]?.[1]).toBe('uploads/1');
    expect(entries[3]?.[1]).toMatchObject({ name: 'deck.apkg', size: 5 });
  });
});

test('a query has lists as JSON text, and nothing that was not chosen', () => {
  expect(
    asQuery({ is_html: false, field_columns: [2, 0], tags: ['a b'], deck_id: null, mode: 'merge' }),
  ).toEqual({ is_html: false, field_columns: '[2,0]', tags: '["a b"]', mode: 'merge' });
});

test('a long log is shortened, one line too many is not', () => {
  const lines = Array.from({ length: 40 }, (_, index) => `line ${index}`);
  expect(shortened(lines.slice(0, 6))).toEqual({ shown: lines.slice(0, 6), hidden: [] });
  expect(shortened(lines).shown).toEqual(lines.slice(0, 5));
  expect(shortened(lines).hidden).toHaveLength(35);
});
