import { expect, test } from 'vitest';

import { baseName, deckSearch, isWithin, nameUnder, parentName } from './deckNames';

test('a name is its levels', () => {
  expect(baseName('A::B::C')).toBe('C');
  expect(baseName('A')).toBe('A');
  expect(parentName('A::B::C')).toBe('A::B');
  expect(parentName('A')).toBe('');
  expect(nameUnder('', 'A')).toBe('A');
  expect(nameUnder('A', 'B::C')).toBe('A::B::C');
});

test('a deck lies within itself and those above, not beside', () => {
  expect(isWithin('A::B', 'A')).toBe(true);
  expect(isWithin('A', 'A')).toBe(true);
  expect(isWithin('AB', 'A')).toBe(false);
});

test('a search takes the name as it is', () => {
  expect(deckSearch('my_deck "x" *::A\\B')).toBe('deck:"my\\_deck \\"x\\" \\*::A\\\\B"');
});
