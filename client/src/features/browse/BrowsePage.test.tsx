import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { RouterProvider, createMemoryRouter } from 'react-router';
import { beforeAll, beforeEach, expect, test, vi } from 'vitest';

import { startI18n } from '@/shared/i18n/i18n';
import { ToastRegion } from '@/shared/ui';
import { type Asked, serveWith } from '@/testing/fakeService';

import { Component } from './BrowsePage';

const COUNT = 60;
const PER_PAGE = 50;
const ALL = Array.from({ length: COUNT }, (_, at) => card(at + 1));

function card(id: number) {
  return {
    ...{ id, note_id: id, notetype_id: 1, ord: 0, deck_id: 1, deck_name: 'Spanish', tags: [] },
    ...{ front: `front <b>${id}</b>`, back: '', marked: false, state: 'new', due_at: null },
    ...{ due_position: id, interval_days: 0, ease: 0, reps: 0, lapses: 0, flag: 0 },
    ...{ suspended: false, buried: false, modified_at: 0 },
  };
}

function answer({ method, url, body }: Asked, params: Record<string, unknown>) {
  if (url === '/api/cards') {
    const page = Number(params['page']);
    const size = Number(params['per_page']);
    const cards = ALL.slice((page - 1) * size, page * size);
    const pagination = { total: COUNT, page, per_page: size, total_pages: Math.ceil(COUNT / size) };
    return { body: { success: true, cards, pagination } };
  }
  if (url === '/api/cards/actions') {
    return { body: { success: true, changed: (body['card_ids'] as number[]).length } };
  }
  if (url.startsWith('/api/cards/')) return { status: 404, body: { error: 'not_found' } };
  if (url === '/api/undo' && method === 'GET') return { body: { undo: ['Suspend'], redo: [] } };
  return { body: { success: true, decks: [], counts: {}, tags: [], notetypes: [] } };
}

beforeAll(async () => {
  await startI18n();
  await i18next.changeLanguage('en');
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function () {
    this.open = false;
  };
});

beforeEach(() => {
  cleanup();
  // Wide: there is room for the table and for a card beside it.
  vi.stubGlobal('matchMedia', (query: string) => ({
    matches: query.includes('min-width'),
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }));
});

async function browse(address = '/browse') {
  const seen = serveWith((asked) => answer(asked, asked.params));
  const router = createMemoryRouter([{ path: '/browse', Component }], {
    initialEntries: [address],
  });
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
      <ToastRegion />
    </QueryClientProvider>,
  );
  await screen.findByText('front 1');
  const sent = () => seen.filter(({ url }) => url === '/api/cards/actions').map(({ body }) => body);
  return { user: userEvent.setup(), router, seen, sent };
}

const boxes = () => screen.getAllByRole('checkbox', { name: 'Select this card' });
const at = (index: number) => boxes()[index] ?? document.body;

test('a range is suspended in one step, and taken back', async () => {
  const { user, seen, sent } = await browse();
  await user.click(at(1));
  await user.keyboard('{Shift>}');
  await user.click(at(3));
  await user.keyboard('{/Shift}');
  expect(screen.getByText('3 selected')).toBeInTheDocument();

  await user.click(screen.getByRole('button', { name: 'Suspend' }));
  expect(await screen.findByText('3 cards suspended.')).toBeInTheDocument();
  expect(sent()).toEqual([{ action: 'suspend', card_ids: [2, 3, 4] }]);
  const acting = seen.find(({ url }) => url === '/api/cards/actions');
  expect(acting?.headers['Idempotency-Key']).toBeTruthy();

  await user.click(screen.getByRole('button', { name: 'Undo' }));
  await waitFor(() =>
    expect(seen.some(({ method, url }) => method === 'POST' && url === '/api/undo')).toBe(true),
  );
});

test('everything that was found is chosen, across pages, and deleted after a question', async () => {
  const { user, sent } = await browse();
  await user.click(screen.getByRole('checkbox', { name: 'Select all on this page' }));
  expect(screen.getByText(`${PER_PAGE} selected`)).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: `Select all ${COUNT}` }));
  expect(await screen.findByText(`${COUNT} selected`)).toBeInTheDocument();

  await user.click(screen.getByRole('button', { name: 'More' }));
  await user.click(screen.getByRole('menuitem', { name: 'Delete' }));
  const dialog = screen.getByRole('dialog', { name: `Delete ${COUNT} cards?` });
  await user.click(within(dialog).getByRole('button', { name: `Delete ${COUNT} cards` }));
  expect(await screen.findByText(`${COUNT} cards deleted.`)).toBeInTheDocument();
  expect(sent()[0]?.['card_ids']).toHaveLength(COUNT);
  expect(screen.getByText(`${COUNT} cards`)).toBeInTheDocument();
});

test('arrows move, space chooses, Enter opens', async () => {
  const { user, router } = await browse();
  screen.getAllByRole('row')[1]?.focus();
  await user.keyboard('{ArrowDown} {Shift>}{ArrowDown}{/Shift}');
  expect(screen.getByText('2 selected')).toBeInTheDocument();
  await user.keyboard('{Enter}');
  await screen.findByText('This card is not there any more.');
  expect(router.state.location.search).toBe('?card=3');
  await user.keyboard('{Escape}');
  await waitFor(() => expect(router.state.location.search).toBe(''));
});

test('typing waits, then the address has the search; another search begins with nothing', async () => {
  const { user, router, seen } = await browse();
  await user.click(at(0));
  // All letters in one go: a busy machine may take longer between two keys than the pause is.
  for (const value of ['d', 'do', 'dog']) {
    fireEvent.change(screen.getByRole('searchbox'), { target: { value } });
  }
  const asked = () =>
    seen.filter(({ url }) => url === '/api/cards').map(({ params }) => params['q']);
  await waitFor(() => expect(asked()).toEqual([undefined, 'dog']));
  expect(router.state.location.search).toBe('?q=dog');
  await screen.findByText(`${COUNT} cards`);
});

test('a heading sorts, and again the other way', async () => {
  const { user, router } = await browse();
  const heading = () => screen.getByRole('columnheader', { name: 'Due' });
  await user.click(screen.getByRole('button', { name: 'Due' }));
  await waitFor(() => expect(heading()).toHaveAttribute('aria-sort', 'ascending'));
  expect(router.state.location.search).toContain('sort=due');
  await user.click(screen.getByRole('button', { name: 'Due' }));
  await waitFor(() => expect(heading()).toHaveAttribute('aria-sort', 'descending'));
  expect(router.state.location.search).toContain('sort=-due');
  expect(router.state.location.search).not.toContain('page');
});
