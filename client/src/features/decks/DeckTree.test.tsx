import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { createRoutesStub } from 'react-router';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';

import type { Deck } from '@/shared/data/decks';
import { startI18n } from '@/shared/i18n/i18n';

import { useClosedDecks } from './closedDecks';
import { DeckTree } from './DeckTree';

const DECKS = ['Geo', 'Geo::Capitals', 'Geo::Rivers', 'Verbs'].map((name, at): Deck => ({
  id: at + 1,
  name,
  description: '',
  parent_id: name.includes('::') ? 1 : null,
  level: 1,
  filtered: false,
  options_id: 1,
  counts: { new: at, learn: 0, review: 1200 },
  total_cards: 1,
  new_limit: null,
  review_limit: null,
  new_limit_today: null,
  review_limit_today: null,
}));

const onDialog = vi.fn();

function Tree() {
  const [closed, toggle] = useClosedDecks();
  return <DeckTree decks={DECKS} closed={closed} onToggle={toggle} onDialog={onDialog} />;
}

function show() {
  const Stub = createRoutesStub([{ path: '/', Component: Tree }]);
  return render(<Stub />);
}

const names = () => screen.getAllByRole('rowheader').map((cell) => cell.textContent);

afterEach(cleanup);

beforeAll(async () => {
  await startI18n();
});

beforeEach(() => {
  localStorage.clear();
});

test('each deck leads to studying it, with counts under their names', () => {
  show();
  expect(screen.getByRole('link', { name: 'Geo::Rivers' })).toHaveAttribute(
    'href',
    '/decks/3/study',
  );
  for (const name of ['Deck', 'New', 'Learn', 'Due']) {
    expect(screen.getByRole('columnheader', { name })).toBeInTheDocument();
  }
  expect(screen.getByRole('row', { name: /Geo::Rivers/ })).toHaveTextContent('201,200');
});

test('a closed level stays closed', async () => {
  const { unmount } = show();
  const toggle = screen.getByRole('button', { name: 'Subdecks of Geo' });
  expect(toggle).toHaveAttribute('aria-expanded', 'true');
  await userEvent.click(toggle);
  expect(toggle).toHaveAttribute('aria-expanded', 'false');
  expect(screen.queryByRole('link', { name: 'Geo::Rivers' })).toBeNull();
  unmount();
  show();
  expect(names()).toHaveLength(2);
});

test('arrows move between decks, and open and close levels', async () => {
  show();
  screen.getByRole('link', { name: 'Geo' }).focus();
  await userEvent.keyboard('{ArrowDown}{ArrowDown}');
  expect(screen.getByRole('link', { name: 'Geo::Rivers' })).toHaveFocus();
  await userEvent.keyboard('{ArrowLeft}');
  expect(screen.getByRole('link', { name: 'Geo' })).toHaveFocus();
  await userEvent.keyboard('{ArrowLeft}');
  expect(names()).toHaveLength(2);
  await userEvent.keyboard('{ArrowRight}');
  expect(names()).toHaveLength(4);
});

test('a menu asks about its own deck', async () => {
  show();
  await userEvent.click(screen.getByRole('button', { name: 'Menu of Capitals' }));
  await userEvent.click(screen.getByRole('menuitem', { name: 'Delete' }));
  expect(onDialog).toHaveBeenCalledWith({ kind: 'delete', deck: DECKS[1] });
});
