import { fireEvent, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';

import { endSession, startSession } from '@/shared/api/session';
import { type Answerer, serveWith } from '@/testing/fakeService';
import { showPage } from '@/testing/showPage';

import { Component as ImportPage } from './ImportPage';
import { rememberedImports } from './remembered';

const report = {
  notes: { new: 318, updated: 0, unchanged: 2, conflicting: 0 },
  cards: 630,
  revlog: 0,
  media: 12,
  log: ['One.', 'Two.', 'Three.', 'Four.', 'Five.', 'Six.', 'Seven.', 'Eight.'],
};

const usual: Answerer = ({ method, url }) => {
  if (url === '/api/import') return { body: report };
  if (url === '/api/undo' && method === 'GET') return { body: { undo: ['Import'], redo: [] } };
  if (url === '/api/undo') return { body: { operation: 'Import' } };
  return { status: 404, body: { error: 'not_found' } };
};

beforeEach(() => {
  endSession();
  localStorage.clear();
  startSession({ token: 't', username: 'ana', name: 'Ana', expires_at: 0 });
});

function choose(...names: string[]) {
  const files = names.map((name) => new File(['bytes'], name));
  fireEvent.change(screen.getByLabelText('Choose files', { selector: 'input' }), {
    target: { files },
  });
}

test('packages are imported, and the report says what came of it', async () => {
  serveWith(usual);
  await showPage(<ImportPage />);
  choose('words.apkg', 'picture.png');
  expect(await screen.findByText('picture.png')).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Import' }));
  const list = within(await screen.findByRole('region', { name: 'Imports' }));
  expect(await list.findByText('318')).toBeInTheDocument();
  expect(list.getByText('3 more lines')).toBeInTheDocument();
  await userEvent.click(list.getByRole('button', { name: 'Undo this import' }));
  expect(await list.findByText('Undone')).toBeInTheDocument();
  expect(list.queryByRole('button', { name: 'Undo this import' })).not.toBeInTheDocument();
});

test('an import is not undone when something else was done since', async () => {
  const seen = serveWith((asked) =>
    asked.url === '/api/undo' ? { body: { undo: ['Delete'], redo: [] } } : usual(asked),
  );
  await showPage(<ImportPage />);
  choose('words.apkg');
  await userEvent.click(await screen.findByRole('button', { name: 'Import' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Undo this import' }));
  expect(await screen.findByText(/changed something else since/)).toBeInTheDocument();
  expect(seen.filter(({ url, method }) => url === '/api/undo' && method === 'POST')).toEqual([]);
});

test('a broken file is refused in plain words, and there is no use in trying again', async () => {
  serveWith(() => ({
    status: 422,
    body: { error: 'unusable_file', message: 'This is not an .apkg file.' },
  }));
  await showPage(<ImportPage />);
  choose('broken.apkg');
  await userEvent.click(await screen.findByRole('button', { name: 'Import' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('This is not an .apkg file.');
  expect(screen.queryByRole('button', { name: 'Try again' })).not.toBeInTheDocument();
});

test('the whole collection is replaced only by somebody who is sure', async () => {
  const seen = serveWith(usual);
  await showPage(<ImportPage />);
  choose('all.colpkg');
  await userEvent.click(await screen.findByRole('radio', { name: /Replace my whole/ }));
  await userEvent.click(screen.getByRole('button', { name: 'Replace my collection' }));
  const dialog = within(screen.getByRole('dialog'));
  expect(dialog.getByText(/Before an import/)).toBeInTheDocument();
  const confirm = dialog.getByRole('button', { name: 'Replace my collection' });
  expect(confirm).toBeDisabled();
  await userEvent.click(dialog.getByRole('checkbox'));
  await userEvent.click(confirm);
  expect(await screen.findByText('318')).toBeInTheDocument();
  expect(seen.some(({ url }) => url === '/api/import')).toBe(true);
});

test('an import that was under way is shown again, until it is dismissed', async () => {
  const one = { importId: 'up-9', name: 'big.apkg', size: 9_000_000, format: 'apkg' };
  localStorage.setItem('javumbo.imports.ana', JSON.stringify([one]));
  const progress = { phase: '', done: 0, total: 0 };
  serveWith(() => ({ body: { import_id: 'up-9', state: 'done', progress, result: report } }));
  await showPage(<ImportPage />);
  expect(await screen.findByText('318')).toBeInTheDocument();
  expect(rememberedImports('ana')).toHaveLength(1);
  await userEvent.click(screen.getByRole('button', { name: 'Remove big.apkg from this list' }));
  expect(screen.queryByText('big.apkg')).not.toBeInTheDocument();
  expect(rememberedImports('ana')).toEqual([]);
});
