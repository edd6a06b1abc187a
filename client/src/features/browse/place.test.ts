import { expect, test } from 'vitest';

import { readPlace, writePlace } from './place';

const again = (address: string) => writePlace(readPlace(new URLSearchParams(address))).toString();

test('an address comes back as it was', () => {
  const address = 'q=is%3Adue+dog&deck=12&sort=-due&size=100&page=3&card=45';
  expect(again(address)).toBe(address);
  expect(again('')).toBe('');
});

test('what makes no sense is left out', () => {
  expect(again('deck=x&sort=-nothing&size=7&page=0&card=-1')).toBe('');
});
