import { act, screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';

import { startSession } from '@/shared/api/session';
import { enqueue, flush } from '@/shared/outbox/outbox';
import { type Reply, serveWith } from '@/testing/fakeService';
import { showPage } from '@/testing/showPage';

import { SavingSign } from './SavingSign';

const SAVED = { body: { counts: { new: 0, learn: 0, review: 0 }, next_learning_due_at: null } };

function connected(isOnline: boolean): void {
  vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(isOnline);
  window.dispatchEvent(new Event(isOnline ? 'online' : 'offline'));
}

test('nothing is called saved that still waits when the network comes back', async () => {
  startSession({ token: 't', username: 'ana', name: 'Ana', expires_at: 0 });
  serveWith(() => 'away');
  await showPage(<SavingSign />);
  act(() => connected(false));
  const rest = { cardId: 1, deckId: 1, rating: 3, timeTakenMs: 1, answeredAt: 1 };
  await act(() => enqueue({ key: 'k', username: 'ana', answerToken: 't', ...rest }));
  await act(flush);
  // By now the answer has waited for longer than anybody would call quick.
  await act(() => new Promise((resolve) => setTimeout(resolve, 500)));
  expect(screen.getByText('Offline, 1 answer waits')).toBeInTheDocument();

  let reply: (reply: Reply) => void = () => undefined;
  serveWith(() => new Promise((resolve) => (reply = resolve)));
  act(() => connected(true));
  expect(screen.queryByText('Saved')).not.toBeInTheDocument();
  act(() => void flush());
  expect(await screen.findByText('Saving…')).toBeInTheDocument();
  await act(async () => {
    reply(SAVED);
    await flush();
  });
  expect(await screen.findByText('Saved')).toBeInTheDocument();
});
