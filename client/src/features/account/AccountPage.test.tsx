import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { currentSession, startSession } from '@/shared/api/session';
import { type Answerer, serveWith } from '@/testing/fakeService';
import { showPage } from '@/testing/showPage';

import { Component as AccountPage } from './AccountPage';
import { offsetText } from './offsetText';

const account = {
  username: 'ana',
  name: 'Ana',
  language: null,
  utc_offset_minutes: 765,
  created_at: 1_700_000_000_000,
};

const usual: Answerer = ({ url, method, body }) => {
  if (url === '/api/password-strength') return { status: 429 };
  if (url === '/api/account/password') return { body: { token: 'new', expires_at: 5 } };
  if (method === 'PUT') return { body: { account: { ...account, ...body } } };
  return { body: { account } };
};

beforeEach(() => {
  // Another clock than the account's, wherever this runs.
  vi.stubEnv('TZ', 'America/Lima');
  vi.stubGlobal('matchMedia', () => Object.assign(new EventTarget(), { matches: false }));
  startSession({ token: 'old', username: 'ana', name: 'Ana', expires_at: 0 });
});

afterEach(() => vi.unstubAllEnvs());

test('offsets are written as people write them', () => {
  expect(offsetText(-180)).toBe('UTC−3:00');
  expect(offsetText(345)).toBe('UTC+5:45');
  expect(offsetText(0)).toBe('UTC+0:00');
});

test('a changed name is in the session, too', async () => {
  serveWith(usual);
  await showPage(<AccountPage />);
  const field = await screen.findByLabelText('Your name');
  await userEvent.clear(field);
  await userEvent.type(field, 'Ana Souza');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText('Saved.')).toBeInTheDocument();
  expect(currentSession()?.name).toBe('Ana Souza');
});

test('a language is spoken at once and stored', async () => {
  const seen = serveWith(usual);
  await showPage(<AccountPage />);
  await userEvent.selectOptions(await screen.findByLabelText('Language'), 'Español');
  expect(await screen.findByRole('heading', { name: 'Cuenta' })).toBeInTheDocument();
  expect(seen.at(-1)).toMatchObject({ method: 'PUT', body: { language: 'es' } });
});

test('another clock than this device’s can be left', async () => {
  const seen = serveWith(usual);
  await showPage(<AccountPage />);
  expect(await screen.findByText(/UTC\+12:45/)).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Use this device’s clock' }));
  expect(await screen.findByText(/That is the clock of this device/)).toBeInTheDocument();
  expect(seen.at(-1)?.body).toEqual({ utc_offset_minutes: -300 });
});

test('with a new password this login goes on with a new token', async () => {
  serveWith(usual);
  await showPage(<AccountPage />);
  await userEvent.type(await screen.findByLabelText('Present password'), 'one');
  await userEvent.type(screen.getByLabelText('New password'), 'a whole new sentence');
  await userEvent.click(screen.getByRole('button', { name: 'Change password' }));
  expect(await screen.findByText(/Your password is changed/)).toBeInTheDocument();
  expect(currentSession()?.token).toBe('new');
  expect(screen.getByLabelText('New password')).toHaveValue('');
});

test('a wrong password is said at its field, and ends no session', async () => {
  serveWith((asked) =>
    asked.url === '/api/account/password'
      ? { status: 401, body: { error: 'invalid_credentials' } }
      : usual(asked),
  );
  await showPage(<AccountPage />);
  await userEvent.type(await screen.findByLabelText('Present password'), 'wrong');
  await userEvent.type(screen.getByLabelText('New password'), 'a whole new sentence');
  await userEvent.click(screen.getByRole('button', { name: 'Change password' }));
  expect(await screen.findByText('This is not your password.')).toBeInTheDocument();
  expect(currentSession()?.token).toBe('old');
});

test('an account is deleted by somebody who types its name', async () => {
  const seen = serveWith(usual);
  await showPage(<AccountPage />);
  await userEvent.click(await screen.findByRole('button', { name: 'Delete account' }));
  const dialog = within(screen.getByRole('dialog'));
  const confirm = dialog.getByRole('button', { name: 'Delete everything' });
  await userEvent.type(dialog.getByLabelText('Your password'), 'secret');
  expect(confirm).toBeDisabled();
  await userEvent.type(dialog.getByLabelText(/Type your user name/), 'Ana');
  await userEvent.click(confirm);
  expect(await screen.findByText('Your account is deleted.')).toBeInTheDocument();
  expect(currentSession()).toBeNull();
  expect(seen.at(-1)).toMatchObject({ method: 'DELETE', body: { password: 'secret' } });
});
