import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { RouterProvider, createMemoryRouter } from 'react-router';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';

import { type Reply, serveWith } from '@/testing/fakeService';
import words from '@/shared/i18n/words/en';

import type { Stats } from './api';
import { statsWith } from './sampleStats';
import { Component } from './StatsPage';

const DECKS = { success: true, decks: [], counts: { new: 0, learn: 0, review: 0 } };
const COUNT: Stats['reviews']['count'] = [
  [-300, 9, 9, 9, 9, 9],
  [-30, 5, 1, 2, 3, 4],
  [-1, 10, 0, 20, 0, 0],
  [0, 1, 1, 1, 1, 1],
];

beforeAll(() => i18next.use(initReactI18next).init({ lng: 'en', resources: { en: words } }));
// The day of the sample is that of a clock in Greenwich.
beforeEach(() => vi.stubEnv('TZ', 'UTC'));
afterEach(() => {
  cleanup();
  vi.unstubAllEnvs();
});

function opened(stats: Reply, address = '/stats') {
  const asked = serveWith(({ url }) => (url === '/api/stats' ? stats : { body: DECKS }));
  const router = createMemoryRouter([{ path: '/stats', Component }], { initialEntries: [address] });
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
  return { asked, router };
}

async function tableOf(title: string): Promise<string[][]> {
  const section = await screen.findByRole('region', { name: title });
  const details = section.querySelector('details');
  if (!details) throw new Error(`There is no table of ${title}.`);
  act(() => {
    details.open = true;
    fireEvent(details, new Event('toggle'));
  });
  return [...section.querySelectorAll('tr')].map((row) =>
    [...row.cells].map((cell) => cell.textContent),
  );
}

function studied() {
  return statsWith({
    calendar: COUNT.map(([day, ...kinds]) => [day, kinds.reduce((a, b) => a + b)]),
    reviews: { count: COUNT, time_ms: [] },
    card_counts: {
      including_inactive: { new: 2, learn: 0, relearn: 0, young: 2, mature: 0 },
      excluding_inactive: {
        new: 1,
        learn: 0,
        relearn: 0,
        young: 2,
        mature: 0,
        suspended: 1,
        buried: 0,
      },
    },
  });
}

test('the table of the reviews has what the service has counted', async () => {
  opened({ body: studied() });
  const rows = await tableOf('Reviews');
  expect(rows).toHaveLength(32);
  expect(rows[1]).toEqual(['Oct 23, 2026', '5', '1', '2', '3', '4', '15', '15']);
  expect(rows[30]).toEqual(['Nov 21, 2026', '10', '0', '20', '0', '0', '30', '45']);
  expect(rows[31]).toEqual(['Nov 22, 2026', '1', '1', '1', '1', '1', '5', '50']);
  // 50 in 31 days.
  expect(screen.getByText('1.6 reviews a day on average.')).toBeInTheDocument();
});

test('the calendar has the days of this year that were studied', async () => {
  opened({ body: studied() });
  expect(await tableOf('Calendar')).toEqual([
    ['Day', 'Reviews'],
    ['Jan 26, 2026', '45'],
    ['Oct 23, 2026', '15'],
    ['Nov 21, 2026', '30'],
    ['Nov 22, 2026', '5'],
  ]);
});

test('suspended cards are counted apart or with the others', async () => {
  opened({ body: studied() });
  const section = await screen.findByRole('region', { name: 'Card counts' });
  const row = (name: string) => within(section).getByRole('row', { name: new RegExp(`^${name} `) });
  expect(row('New')).toHaveTextContent('New125%');
  expect(row('Suspended')).toHaveTextContent('Suspended125%');
  fireEvent.click(within(section).getByRole('checkbox'));
  expect(row('New')).toHaveTextContent('New250%');
  expect(within(section).queryByText('Suspended')).not.toBeInTheDocument();
});

test('the address chooses deck and period', async () => {
  const { router } = opened({ body: studied() }, '/stats?deck=12&period=year');
  const period = await screen.findByLabelText('Period');
  expect(period).toHaveValue('year');
  fireEvent.change(period, { target: { value: 'all' } });
  await screen.findByRole('region', { name: 'Reviews' });
  expect(router.state.location.search).toBe('?deck=12&period=all');
});

test('old reviews are one click away where the period has none', async () => {
  const old: [number, number][] = [[-200, 9]];
  const { router } = opened({ body: statsWith({ calendar: old }) });
  expect(await screen.findByText(/no reviews in this period, but/)).toBeInTheDocument();
  fireEvent.click(screen.getByRole('button', { name: 'Show all' }));
  await waitFor(() => expect(screen.getByLabelText('Period')).toHaveValue('all'));
  expect(router.state.location.search).toBe('?period=all');
  expect(screen.queryByRole('button', { name: 'Show all' })).not.toBeInTheDocument();
});

test('where nothing was studied it says so', async () => {
  opened({ body: statsWith() });
  expect(await screen.findByText('Nothing studied yet')).toBeInTheDocument();
  expect(screen.getByRole('link', { name: 'To the decks' })).toHaveAttribute('href', '/');
  expect(screen.queryByRole('slider')).not.toBeInTheDocument();
});

test('a deck that is gone can be left by choosing another', async () => {
  opened({ status: 404, body: { error: 'not_found', message: 'No deck.' } }, '/stats?deck=12');
  expect(await screen.findByRole('alert')).toHaveTextContent('This is not there any more.');
  expect(screen.getByLabelText('Deck')).toBeInTheDocument();
});
