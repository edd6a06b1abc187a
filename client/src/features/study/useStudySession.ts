import { useQuery } from '@tanstack/react-query';
import { useEffect, useState, useSyncExternalStore } from 'react';

import { serviceNow } from '@/shared/api/clock';
import { type OutboxEvent, flush, onOutboxEvent, outboxStatus } from '@/shared/outbox/outbox';

import { queueKey } from './api';
import { fetchOrKept, keepQueue } from './fetching';
import { takePlace } from './place';
import {
  type StudySession,
  beginSession,
  dropped,
  queueOf,
  refreshed,
  resumed,
  saved,
} from './session';
import { type SessionStore, makeSessionStore } from './sessionStore';

/** With so few cards left, more are fetched. */
const FEW = 8;
const KEEP_AFTER_MS = 300;
/** A moment that should be over by now is waited for a little longer. */
const AGAIN_MS = 15_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface Study {
  store: SessionStore;
  session: StudySession | null;
  /** What is studied was kept on this device; the service is away. */
  isOffline: boolean;
  /** Nothing is left here, and nobody knows yet whether there is more. */
  isWaiting: boolean;
  error: unknown;
  refetch: () => Promise<void>;
}

/** A deck's cards as they are studied: fetched ahead, kept for later, and put right by the service. */
export function useStudySession(username: string, deckId: number): Study {
  const [store] = useState(makeSessionStore);
  const session = useSyncExternalStore(store.subscribe, store.get);
  const query = useQuery({
    queryKey: queueKey(username, deckId),
    queryFn: () => fetchOrKept(username, deckId),
    staleTime: 0,
    gcTime: 0,
    networkMode: 'always',
    refetchOnWindowFocus: 'always',
    refetchOnReconnect: 'always',
    structuralSharing: false,
  });
  const { data, error } = query;
  const refetch = async () => {
    await query.refetch();
  };

  useEffect(() => {
    if (!data) return;
    const { queue, waiting } = data;
    const known = store.get();
    if (known) {
      const answered = new Set([...known.answered, ...waiting]);
      store.begin(refreshed({ ...known, answered }, queue));
      return;
    }
    const place = takePlace(deckId);
    const begun = beginSession(queue, waiting);
    store.begin(place ? resumed(begun, place.cardId, place.side) : begun);
  }, [data, deckId, store]);

  useOutbox(store, deckId, refetch);
  useTimers(session, refetch);
  useKeeping(session, username, deckId);

  const isOver = session !== null && session.cards.length === 0;
  const isOffline = data?.isKept ?? false;
  return {
    store,
    session,
    isOffline,
    isWaiting: !session || (isOver && !session.finished && !isOffline),
    error: !session || isOver ? error : null,
    refetch,
  };
}

/** What the outbox tells is told to the session; with few cards left, more are fetched. */
function useOutbox(store: SessionStore, deckId: number, refetch: () => Promise<void>): void {
  useEffect(() =>
    onOutboxEvent((event) => {
      const isLast = outboxStatus().pending === 0;
      store.change((session) => told(session, event, deckId, isLast));
      const left = store.get()?.cards.length ?? 0;
      if (event.kind !== 'sent' || (isLast && left <= FEW)) void refetch();
    }),
  );
}

function told(
  session: StudySession,
  event: OutboxEvent,
  deckId: number,
  isLast: boolean,
): StudySession {
  const left = dropped(session, (card) => card.answer_token === event.answer.answerToken);
  if (event.kind !== 'sent' || event.answer.deckId !== deckId) return left;
  return saved(left, event.result, isLast);
}

/** Look again when a learning card comes back, and when a new day begins. */
function useTimers(session: StudySession | null, refetch: () => Promise<void>): void {
  const shownAt = session?.finished?.learning_shown_at ?? null;
  const moments = [session?.nextLearningDueAt, session?.nextDayAt, shownAt]
    .filter((at) => at !== null && at !== undefined)
    .join(' ');
  const isFinished = session?.finished !== null && session !== null;
  useEffect(() => {
    if (moments === '') return;
    const now = serviceNow();
    const waits = moments.split(' ').map((at) => Number(at) - now);
    const open = isFinished
      ? waits.map((ms) => (ms > 0 ? ms : AGAIN_MS))
      : waits.filter((ms) => ms > 0);
    if (open.length === 0) return;
    const waitMs = Math.min(...open, LONGEST_TIMER_MS - 1000) + 500;
    const timer = setTimeout(() => void flush().then(refetch), waitMs);
    return () => clearTimeout(timer);
  });
}

/** What is left to study stays on this device, for when there is no network. */
function useKeeping(session: StudySession | null, username: string, deckId: number): void {
  useEffect(() => {
    if (!session) return;
    const timer = setTimeout(() => keepQueue(username, deckId, queueOf(session)), KEEP_AFTER_MS);
    return () => clearTimeout(timer);
  }, [session, username, deckId]);
}
