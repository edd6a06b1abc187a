import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { ApiError } from '@/shared/api/errors';
import { startSession } from '@/shared/api/session';
import { type Reply, serveWith } from '@/testing/fakeService';

import { DIRECT_BYTES } from './files';
import { followImport, runImport } from './runImport';

const report = {
  notes: { new: 1, updated: 0, unchanged: 0, conflicting: 0 },
  cards: 1,
  revlog: 0,
  media: 0,
  log: [],
};
const progress = { phase: 'media', done: 2, total: 5 };
const offer = { upload_id: 'up-1', url: 'https://s3.test/b', method: 'POST', fields: { key: 'k' } };
const running = { import_id: 'up-1', state: 'running', progress };
const done = { import_id: 'up-1', state: 'done', progress, result: report };

const toImport = (bytes: number) => ({
  file: new File([new Uint8Array(bytes)], 'deck.apkg'),
  wanted: { format: 'apkg', mode: 'merge' } as const,
  key: 'key-1',
});

function attendant() {
  return { signal: new AbortController().signal, tell: vi.fn(), remember: vi.fn() };
}

/** Waits without waiting. */
async function passing<T>(work: Promise<T>): Promise<T> {
  const state = { isOver: false };
  const end = () => {
    state.isOver = true;
  };
  work.then(end, end);
  while (!state.isOver) await vi.advanceTimersByTimeAsync(1000);
  return work;
}

/** Answers by method and path, one after the other. */
function answering(replies: Record<string, (Reply | 'away')[]>) {
  return serveWith(({ method, url }) => {
    const reply = replies[`${method} ${url}`]?.shift();
    if (!reply) throw new Error(`${method} ${url} was not expected`);
    return reply;
  });
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  startSession({ token: 'secret', username: 'ana', name: 'Ana', expires_at: 0 });
});
afterEach(() => vi.useRealTimers());

test('a small file goes with the request, under its key', async () => {
  const seen = answering({ 'POST /api/import': [{ body: report }] });
  await expect(passing(runImport(toImport(10), attendant()))).resolves.toEqual(report);
  expect(seen[0]?.headers['Idempotency-Key']).toBe('key-1');
});

test('what the service finds too large is uploaded instead', async () => {
  const seen = answering({
    'POST /api/import': [{ status: 413, body: { error: 'too_large' } }],
    'POST /api/uploads': [{ body: { ...offer, url: '/uploads/t', method: 'PUT', fields: {} } }],
    'PUT /uploads/t': [{}],
    'POST /api/imports': [{ body: done }],
  });
  await expect(passing(runImport(toImport(10), attendant()))).resolves.toEqual(report);
  expect(seen.map(({ url }) => url)).toEqual([
    '/api/import',
    '/api/uploads',
    '/uploads/t',
    '/api/imports',
  ]);
});

test('a large file is sent elsewhere without the token, remembered and followed', async () => {
  const watched = attendant();
  const seen = answering({
    'POST /api/uploads': [{ body: offer }],
    'POST https://s3.test/b': [{}],
    'POST /api/imports': [{ status: 202, body: running }],
    'GET /api/imports/up-1': [{ body: running }, 'away', { body: done }],
  });
  await expect(passing(runImport(toImport(DIRECT_BYTES + 1), watched))).resolves.toEqual(report);
  const headersTo = (address: string) => seen.find(({ url }) => url === address)?.headers;
  expect(headersTo('https://s3.test/b')).not.toHaveProperty('Authorization');
  expect(headersTo('/api/uploads')).toHaveProperty('Authorization', 'Bearer secret');
  expect(seen.find(({ url }) => url === '/api/imports')?.body).toEqual({
    upload_id: 'up-1',
    format: 'apkg',
    mode: 'merge',
  });
  expect(watched.remember).toHaveBeenCalledWith('up-1');
  expect(watched.tell).toHaveBeenCalledWith({ what: 'working', ...progress });
});

test('an import that failed says why', async () => {
  const failure = { error: 'unusable_file', message: 'This file is damaged.' };
  answering({
    'GET /api/imports/up-1': [{ body: { import_id: 'up-1', state: 'failed', progress, failure } }],
  });
  const error: unknown = await followImport('up-1', attendant()).catch((one: unknown) => one);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ code: 'unusable_file', message: 'This file is damaged.' });
});

test('the beginning of an import is asked for again after an outage', async () => {
  const seen = answering({
    'POST /api/uploads': [{ body: offer }],
    'POST https://s3.test/b': [{}],
    'POST /api/imports': ['away', { status: 502 }, { body: done }],
  });
  await expect(passing(runImport(toImport(DIRECT_BYTES + 1), attendant()))).resolves.toEqual(
    report,
  );
  expect(seen.filter(({ url }) => url === '/api/imports')).toHaveLength(3);
});
