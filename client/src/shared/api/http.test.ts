import { afterEach, describe, expect, it, vi } from 'vitest';

import { type Reply, serveWith } from '@/testing/fakeService';

import { ApiError } from './errors';
import { http } from './http';
import { currentSession, startSession } from './session';

const CONFLICT: Reply = { status: 409, body: { error: 'conflict', retry: true } };

afterEach(() => {
  vi.useRealTimers();
  localStorage.clear();
});

/** The answer, or the error, with the clock running as fast as it can. */
async function soon(asking: Promise<unknown>): Promise<unknown> {
  const outcome = asking.catch((error: unknown) => error);
  await vi.runAllTimersAsync();
  return outcome;
}

/** The waits so far, in milliseconds, from when this is called. */
function watchWaits(): () => number[] {
  const spy = vi.spyOn(globalThis, 'setTimeout');
  return () => spy.mock.calls.map(([, ms]) => ms ?? 0).filter((ms) => ms > 0);
}

describe('a request', () => {
  it('is sent again after a conflict: after 100, 200 and 400 ms, and then no more', async () => {
    vi.useFakeTimers();
    const asked = serveWith(() => CONFLICT);
    const waited = watchWaits();
    const error = await soon(http.post('/api/decks', { name: 'x' }));
    expect(asked).toHaveLength(4);
    expect(waited()).toEqual([100, 200, 400]);
    expect(error).toBeInstanceOf(ApiError);
  });

  it('is not sent again where that cannot help', async () => {
    vi.useFakeTimers();
    const asked = serveWith(() => ({ status: 409, body: { error: 'stale_card' } }));
    await soon(http.post('/api/review', {}));
    expect(asked).toHaveLength(1);
  });

  it('waits as long as the service asks it to', async () => {
    vi.useFakeTimers();
    let isBusy = true;
    const asked = serveWith(() => {
      const reply: Reply = isBusy
        ? {
            status: 503,
            body: { error: 'storage_unavailable', retry: true },
            headers: { 'retry-after': '3' },
          }
        : {};
      isBusy = false;
      return reply;
    });
    const waited = watchWaits();
    await soon(http.get('/api/decks'));
    expect(asked).toHaveLength(2);
    expect(waited()).toEqual([3000]);
  });

  it('carries the token to the service and to nobody else', async () => {
    startSession({ token: 'secret', username: 'ada', name: 'Ada', expires_at: 0 });
    const asked = serveWith(() => ({}));
    await http.get('/api/decks');
    await http.get('https://storage.example/file');
    expect(asked.map((one) => one.headers['Authorization'])).toEqual(['Bearer secret', undefined]);
  });

  it('ends the session when its token is refused', async () => {
    startSession({ token: 'old', username: 'ada', name: 'Ada', expires_at: 0 });
    serveWith(() => ({ status: 401, body: { error: 'unauthorized' } }));
    await http.get('/api/decks').catch(() => undefined);
    expect(currentSession()).toBeNull();
  });

  it('leaves the session of a login that was made meanwhile', async () => {
    startSession({ token: 'old', username: 'ada', name: 'Ada', expires_at: 0 });
    serveWith(() => {
      startSession({ token: 'new', username: 'ada', name: 'Ada', expires_at: 0 });
      return { status: 401, body: { error: 'unauthorized' } };
    });
    await http.get('/api/decks').catch(() => undefined);
    expect(currentSession()?.token).toBe('new');
  });
});
