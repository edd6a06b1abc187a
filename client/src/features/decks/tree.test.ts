import { expect, test } from 'vitest';

import type { Deck } from '@/shared/data/decks';

import { countSubdecks, rowsOf, toggled } from './tree';

function deck(id: number, name: string, parent_id: number | null = null): Deck {
  return {
    id,
    name,
    parent_id,
    level: name.split('::').length,
    description: '',
    filtered: false,
    options_id: 1,
    counts: { new: 0, learn: 0, review: 0 },
    total_cards: 0,
    new_limit: null,
    review_limit: null,
    new_limit_today: null,
    review_limit_today: null,
  };
}

const DECKS = [
  deck(1, 'A'),
  deck(2, 'A::B', 1),
  deck(3, 'A::B::C', 2),
  deck(4, 'A::D', 1),
  deck(5, 'E'),
];

const shown = (closed: number[]) =>
  rowsOf(DECKS, new Set(closed)).map(({ label, depth }) => `${depth} ${label}`);

test('every deck has its place under its parent', () => {
  expect(shown([])).toEqual(['0 A', '1 B', '2 C', '1 D', '0 E']);
});

test('what lies under a closed level is not shown, however deep', () => {
  expect(shown([1])).toEqual(['0 A', '0 E']);
  expect(shown([2])).toEqual(['0 A', '1 B', '1 D', '0 E']);
});

test('only decks with subdecks can be open', () => {
  const rows = rowsOf(DECKS, new Set([2, 5]));
  expect(rows.map((row) => [row.hasSubdecks, row.isOpen])).toEqual([
    [true, true],
    [true, false],
    [false, false],
    [false, false],
  ]);
});

test('a deck whose parent is not listed stands at the top with its whole name', () => {
  const [row] = rowsOf([deck(7, 'X::Y', 6)], new Set());
  expect(row).toMatchObject({ label: 'X::Y', depth: 0 });
});

test('under a deck of its own page its subdecks are at the top', () => {
  const [root, ...under] = DECKS;
  const rows = rowsOf(under.slice(0, 3), new Set(), root);
  expect(rows.map(({ label, depth }) => `${depth} ${label}`)).toEqual(['0 B', '1 C', '0 D']);
});

test('subdecks are counted at every depth', () => {
  expect([1, 2, 3, 5].map((id) => countSubdecks(DECKS, id))).toEqual([3, 1, 0, 0]);
});

test('a level closes and opens', () => {
  const closed = toggled(new Set([1]), 2);
  expect([...closed]).toEqual([1, 2]);
  expect([...toggled(closed, 1)]).toEqual([2]);
});

test('many decks are looked at a few times each', () => {
  let looks = 0;
  const counted = (one: Deck) =>
    new Proxy(one, {
      get: (target, key) => {
        looks += 1;
        return Reflect.get(target, key) as unknown;
      },
    });
  const many = Array.from({ length: 500 }, (_, n) => counted(deck(n + 1, 'x', n > 0 ? n : null)));
  expect(rowsOf(many, new Set())).toHaveLength(500);
  expect(looks).toBeLessThan(500 * 30);
});
