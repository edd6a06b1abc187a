import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';

import { type Answerer, serveWith } from '@/testing/fakeService';
import { showPage } from '@/testing/showPage';

import { Component as BackupsPage } from './BackupsPage';

const backup = {
  id: '1795327974961-import',
  made_at: 1_795_327_974_961,
  kind: 'import',
  bytes: 69_632,
  notes: 14,
  cards: 1,
  reviews: 0,
  last_review_at: null,
};

const usual: Answerer = ({ method, url }) => {
  if (url === '/api/undo' && method === 'GET') return { body: { undo: ['Restore backup'] } };
  if (url === '/api/undo') return { body: { operation: 'Restore backup' } };
  if (url.endsWith('/restore')) return { body: { before: '1-restore' } };
  return { body: method === 'POST' ? { backup } : { backups: [backup] } };
};

test('a backup is restored after a question, and that is undone', async () => {
  const seen = serveWith(usual);
  await showPage(<BackupsPage />);
  expect(await screen.findByText('Before an import')).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: /^Restore the backup/ }));
  const dialog = within(screen.getByRole('dialog'));
  expect(dialog.getByText(/This can be undone/)).toBeInTheDocument();
  await userEvent.click(dialog.getByRole('button', { name: 'Restore' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Undo' }));
  expect(await screen.findByText('The restore was undone.')).toBeInTheDocument();
  const restore = seen.find(({ url }) => url === `/api/backups/${backup.id}/restore`);
  expect(restore?.headers['Idempotency-Key']).toMatch(/^[\da-f-]{36}$/);
});

test('says so where nothing has changed since the last one', async () => {
  serveWith(usual);
  await showPage(<BackupsPage />);
  await userEvent.click(await screen.findByRole('button', { name: 'Make a backup' }));
  expect(await screen.findByText(/Nothing has changed/)).toBeInTheDocument();
});

test('an empty list offers to make the first one', async () => {
  serveWith(() => ({ body: { backups: [] } }));
  await showPage(<BackupsPage />);
  expect(await screen.findByText('No backups yet')).toBeInTheDocument();
  expect(screen.getAllByRole('button', { name: 'Make a backup' })).toHaveLength(1);
});

test('a list that cannot be fetched can be asked for again', async () => {
  serveWith(() => 'away');
  await showPage(<BackupsPage />);
  expect(await screen.findByRole('button', { name: 'Try again' })).toBeInTheDocument();
});
