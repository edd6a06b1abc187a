import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';

import { currentSession, startSession } from '@/shared/api/session';
import { addAnswer, answersOf } from '@/shared/store/answers';
import { keepFetched, keptFetched } from '@/shared/store/database';
import { serveWith } from '@/testing/fakeService';
import { showPage } from '@/testing/showPage';

import { PersonMenu } from './PersonMenu';

const session = { token: 'secret', username: 'ana', name: 'Ana', expires_at: 0 };

beforeEach(() => startSession(session));

async function askToLogOut() {
  await userEvent.click(screen.getByRole('button', { name: 'Menu of Ana' }));
  await userEvent.click(screen.getByRole('menuitem', { name: 'Log out' }));
}

test('logging out revokes the token and forgets what was fetched', async () => {
  const seen = serveWith(() => ({}));
  await keepFetched('ana', 'decks', []);
  await showPage(<PersonMenu session={session} />);
  await askToLogOut();
  await waitFor(() => expect(currentSession()).toBeNull());
  expect(seen.find(({ url }) => url === '/api/logout')?.headers['Authorization']).toBe(
    'Bearer secret',
  );
  await expect(keptFetched('ana', 'decks')).resolves.toBeUndefined();
});

test('asks first while an answer waits to be sent, and keeps it', async () => {
  serveWith(({ url }) => (url === '/api/review' ? 'away' : {}));
  const rest = { cardId: 1, deckId: 1, rating: 3, timeTakenMs: 1, answeredAt: 1 };
  await addAnswer({ key: 'k', username: 'ana', answerToken: 't', card: 'words', ...rest });
  await showPage(<PersonMenu session={session} />);
  await askToLogOut();
  expect(await screen.findByText(/1 answer is not sent yet/)).toBeInTheDocument();
  expect(currentSession()).not.toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Log out' }));
  await waitFor(() => expect(currentSession()).toBeNull());
  const [kept, ...others] = await answersOf('ana');
  expect(others).toEqual([]);
  expect(kept).toMatchObject({ key: 'k', rating: 3 });
  expect(kept).not.toHaveProperty('card');
});
