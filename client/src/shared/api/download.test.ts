import { expect, test } from 'vitest';

import { fileName } from './download';

test('the name of a file is in its header', () => {
  expect(fileName('attachment; filename="ana-2026-11-22.colpkg"')).toBe('ana-2026-11-22.colpkg');
  expect(fileName('attachment; filename=plain.csv')).toBe('plain.csv');
  expect(fileName('attachment; filename="a \\"b\\".txt"')).toBe('a "b".txt');
  expect(fileName(`attachment; filename="x"; filename*=UTF-8''caf%C3%A9.txt`)).toBe('café.txt');
  expect(fileName('inline')).toBeNull();
  expect(fileName(undefined)).toBeNull();
});
