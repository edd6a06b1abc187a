/** Answers on their way: kept on this device until the service has them, sent in order, once. */
import { ApiError, isAway, toApiError } from '@/shared/api/errors';
import { http } from '@/shared/api/http';
import { currentSession, subscribe as onSessionChange } from '@/shared/api/session';
import { addAnswer, answersOf, removeAnswer } from '@/shared/store/answers';
import type { StoredAnswer } from '@/shared/store/database';

export interface Counts {
  new: number;
  learn: number;
  review: number;
}

/** What the service says to an answer. */
export interface AnswerResult {
  counts: Counts;
  next_learning_due_at: number | null;
}

export type OutboxEvent =
  | { kind: 'sent'; answer: StoredAnswer; result: AnswerResult }
  /** Answered elsewhere meanwhile, most likely by the same person: nothing to say about it. */
  | { kind: 'stale'; answer: StoredAnswer }
  /** The service will never take it; the card may be gone. */
  | { kind: 'refused'; answer: StoredAnswer; error: ApiError };

export interface OutboxStatus {
  pending: number;
  /** idle: all is saved, or what waits is not this person's. */
  state: 'idle' | 'sending' | 'waiting';
}

const LOCK = 'javumbo.outbox';
const CHANNEL = 'javumbo.outbox';
const CHANGED = 'changed';
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;

const eventListeners = new Set<(event: OutboxEvent) => void>();
const statusListeners = new Set<() => void>();
let status: OutboxStatus = { pending: 0, state: 'idle' };
let timer: ReturnType<typeof setTimeout> | undefined;
let waitMs = FIRST_WAIT_MS;
let sending: Promise<void> | null = null;
let again = false;
/** Resolves when the last answer that was given is on this device. */
let keeping: Promise<void> = Promise.resolve();
const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(CHANNEL);

/** Keep an answer, and send it behind the person's back. Resolves when it is on this device. */
export async function enqueue(answer: StoredAnswer): Promise<void> {
  keeping = addAnswer(answer);
  await keeping;
  await refreshStatus();
  channel?.postMessage(CHANGED);
  void flush();
}

/** Take back the last answer, if it was not sent yet: what was given before a reload, too. */
export async function withdrawLast(): Promise<StoredAnswer | null> {
  await keeping;
  return withLock(async () => {
    const waiting = await answersOf(currentSession()?.username ?? '');
    const answer = waiting.at(-1);
    if (!answer) return null;
    await removeAnswer(answer);
    await refreshStatus();
    channel?.postMessage(CHANGED);
    return answer;
  });
}

/** Send what waits. Resolves when nothing can be sent any more for now. */
export function flush(): Promise<void> {
  again = true;
  sending ??= sendWhileAsked().finally(() => {
    sending = null;
  });
  return sending;
}

/** Send what was left from before, and whenever the network or the person comes back. */
export function startOutbox(): void {
  window.addEventListener('online', () => void flush());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void flush();
  });
  channel?.addEventListener('message', ({ data }) => void hear(data));
  onSessionChange(() => void flush());
  void flush();
}

export function outboxStatus(): OutboxStatus {
  return status;
}

export function onOutboxStatus(listener: () => void): () => void {
  statusListeners.add(listener);
  return () => statusListeners.delete(listener);
}

export function onOutboxEvent(listener: (event: OutboxEvent) => void): () => void {
  eventListeners.add(listener);
  return () => eventListeners.delete(listener);
}

/** The tokens of a person's answers that wait: their cards are not to be shown again. */
export async function waitingTokens(username: string): Promise<Set<string>> {
  const waiting = await answersOf(username);
  return new Set(waiting.map((answer) => answer.answerToken));
}

/** Whoever asks while something is sent waits until theirs had its turn, too. */
async function sendWhileAsked(): Promise<void> {
  while (again) {
    again = false;
    clearTimeout(timer);
    await withLock(sendAll).catch(() => retryLater(null));
  }
}

async function sendAll(): Promise<void> {
  for (;;) {
    const username = currentSession()?.username;
    const answer = username ? (await answersOf(username))[0] : undefined;
    await refreshStatus(answer ? 'sending' : 'idle');
    if (!answer) break;
    const event = await send(answer);
    if (!event) return;
    await removeAnswer(answer);
    waitMs = FIRST_WAIT_MS;
    await refreshStatus();
    tell(event);
  }
}

/** The tab that sends an answer need not be the one in which it was given. */
function tell(event: OutboxEvent): void {
  for (const listener of eventListeners) listener(event);
  // An error is no plain value, and only this tab shows it.
  channel?.postMessage(event.kind === 'sent' ? event : { ...event, error: null });
}

async function hear(message: unknown): Promise<void> {
  await refreshStatus();
  if (message === CHANGED) return;
  const event = message as OutboxEvent;
  if (event.kind === 'refused') return;
  for (const listener of eventListeners) listener(event);
}

/** What came of it; null where it is to be sent again later. */
async function send(answer: StoredAnswer): Promise<OutboxEvent | null> {
  try {
    return { kind: 'sent', answer, result: await post(answer) };
  } catch (failure) {
    const error = toApiError(failure);
    if (error.code === 'stale_card') return { kind: 'stale', answer };
    if (error.status === 401) {
      await refreshStatus('waiting');
      return null;
    }
    if (error.retry || isAway(error) || error.status === 429) {
      await retryLater(error.retryAfterMs);
      return null;
    }
    return { kind: 'refused', answer, error };
  }
}

async function post(answer: StoredAnswer): Promise<AnswerResult> {
  const body = {
    card_id: answer.cardId,
    deck_id: answer.deckId,
    rating: answer.rating,
    time_taken_ms: answer.timeTakenMs,
    answer_token: answer.answerToken,
  };
  const config = { headers: { 'Idempotency-Key': answer.key } };
  try {
    const timed = { ...body, answered_at: answer.answeredAt };
    return (await http.post<AnswerResult>('/api/review', timed, config)).data;
  } catch (failure) {
    // By a clock that is wrong, or after a week without a network: it counts as given now.
    if (toApiError(failure).fields['answered_at'] === undefined) throw failure;
    return (await http.post<AnswerResult>('/api/review', body, config)).data;
  }
}

async function retryLater(askedMs: number | null): Promise<void> {
  clearTimeout(timer);
  timer = setTimeout(() => void flush(), Math.max(askedMs ?? 0, waitMs));
  waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  await refreshStatus('waiting');
}

async function refreshStatus(state: OutboxStatus['state'] = status.state): Promise<void> {
  const username = currentSession()?.username;
  const pending = username ? (await answersOf(username)).length : 0;
  status = { pending, state: pending ? state : 'idle' };
  for (const listener of statusListeners) listener();
}

/** One tab sends at a time. Without locks the service's own rules keep every answer single. */
async function withLock<T>(work: () => Promise<T>): Promise<T> {
  if (!('locks' in navigator)) return work();
  return await navigator.locks.request(LOCK, work);
}
