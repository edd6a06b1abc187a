import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { endSession, startSession } from '@/shared/api/session';
import { answersOf, removeAnswer } from '@/shared/store/answers';
import type { StoredAnswer } from '@/shared/store/database';
import { type Answerer, serveWith } from '@/testing/fakeService';

import {
  type OutboxEvent,
  enqueue,
  flush,
  onOutboxEvent,
  outboxStatus,
  withdrawLast,
} from './outbox';

const ADA = { token: 't', username: 'ada', name: 'Ada', expires_at: 0 };
const SAVED = { body: { counts: { new: 0, learn: 0, review: 1 }, next_learning_due_at: null } };

let events: OutboxEvent[];
let stopListening: () => void;

beforeEach(() => {
  startSession(ADA);
  events = [];
  stopListening = onOutboxEvent((event) => events.push(event));
});

afterEach(async () => {
  stopListening();
  vi.useRealTimers();
  await flush();
  for (const username of ['ada', 'bo']) {
    for (const answer of await answersOf(username)) await removeAnswer(answer);
  }
  // Nothing is left that would be tried again while another test runs.
  await flush();
  localStorage.clear();
});

function answerTo(cardId: number, username = 'ada'): StoredAnswer {
  return {
    key: `key-${cardId}`,
    username,
    cardId,
    deckId: 1,
    rating: 3,
    timeTakenMs: 1000,
    answerToken: `token-${cardId}`,
    answeredAt: 1_700_000_000_000 + cardId,
  };
}

/** What is under way gets its turn. */
const turn = () => answersOf('ada');

async function waits(): Promise<void> {
  while (outboxStatus().state !== 'waiting') await turn();
}

/** Loses the first `count` requests, and then answers. */
function awayFor(count: number): Answerer {
  let left = count;
  return () => (left-- > 0 ? 'away' : SAVED);
}

describe('the outbox', () => {
  it('sends answers in the order in which they were given, each under its own key', async () => {
    const asked = serveWith(() => SAVED);
    await Promise.all([1, 2, 3].map((card) => enqueue(answerTo(card))));
    await flush();
    expect(asked.map((one) => one.body['card_id'])).toEqual([1, 2, 3]);
    expect(asked.map((one) => one.headers['Idempotency-Key'])).toEqual(['key-1', 'key-2', 'key-3']);
    expect(outboxStatus()).toEqual({ pending: 0, state: 'idle' });
  });

  it('keeps what cannot be sent and sends the very same again', async () => {
    const asked = serveWith(awayFor(1));
    await enqueue(answerTo(1));
    await waits();
    expect(outboxStatus()).toEqual({ pending: 1, state: 'waiting' });
    await flush();
    expect(asked).toHaveLength(2);
    expect(asked[1]?.body).toEqual(asked[0]?.body);
    expect(asked[1]?.headers['Idempotency-Key']).toBe('key-1');
    expect(await answersOf('ada')).toEqual([]);
  });

  it('tries again by itself', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const asked = serveWith(awayFor(1));
    await enqueue(answerTo(1));
    await waits();
    await vi.advanceTimersByTimeAsync(999);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    while (outboxStatus().state !== 'idle') await turn();
    expect(asked).toHaveLength(2);
    expect(await answersOf('ada')).toEqual([]);
  });

  it('drops an answer to a card that was answered elsewhere, and goes on', async () => {
    serveWith(({ body }) =>
      body['card_id'] === 1 ? { status: 409, body: { error: 'stale_card' } } : SAVED,
    );
    await enqueue(answerTo(1));
    await enqueue(answerTo(2));
    await flush();
    expect(events.map((event) => event.kind)).toEqual(['stale', 'sent']);
    expect(await answersOf('ada')).toEqual([]);
  });

  it('tells of an answer that will never be taken, and goes on', async () => {
    serveWith(({ body }) =>
      body['card_id'] === 1 ? { status: 404, body: { error: 'not_found' } } : SAVED,
    );
    await enqueue(answerTo(1));
    await enqueue(answerTo(2));
    await flush();
    expect(events.map((event) => event.kind)).toEqual(['refused', 'sent']);
  });

  it('counts an answer as given now where the service cannot believe its time', async () => {
    const asked = serveWith(({ body }) =>
      'answered_at' in body
        ? { status: 400, body: { error: 'invalid_input', fields: { answered_at: 'lies ahead' } } }
        : SAVED,
    );
    await enqueue(answerTo(1));
    await flush();
    expect(asked).toHaveLength(2);
    expect(events.map((event) => event.kind)).toEqual(['sent']);
  });

  it('keeps answers over an expired login, for the same person only', async () => {
    serveWith(() => ({ status: 401, body: { error: 'unauthorized' } }));
    await enqueue(answerTo(1));
    await flush();
    expect(await answersOf('ada')).toHaveLength(1);
    const asked = serveWith(() => SAVED);
    startSession({ ...ADA, username: 'bo', token: 'u' });
    await flush();
    expect(asked).toEqual([]);
    startSession({ ...ADA, token: 'new' });
    await flush();
    expect(asked.map((one) => one.headers['Authorization'])).toEqual(['Bearer new']);
  });

  it('gives an answer back that was not sent yet', async () => {
    serveWith(() => 'away');
    await enqueue(answerTo(1));
    await flush();
    await enqueue({ ...answerTo(2), card: 'as it was shown' });
    expect(await withdrawLast()).toMatchObject({ key: 'key-2', card: 'as it was shown' });
    expect(await withdrawLast()).toMatchObject({ key: 'key-1' });
    expect(await withdrawLast()).toBeNull();
    expect(outboxStatus().pending).toBe(0);
  });

  it('sends nothing for nobody', async () => {
    const asked = serveWith(() => SAVED);
    endSession();
    await enqueue(answerTo(1));
    await flush();
    expect(asked).toEqual([]);
    expect(await answersOf('ada')).toHaveLength(1);
  });
});
