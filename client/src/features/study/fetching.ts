/** The queue of a deck: from the service, or what was kept of it when that is away. */
import { isAway } from '@/shared/api/errors';
import { waitingTokens } from '@/shared/outbox/outbox';
import { keepFetched, keptFetched } from '@/shared/store/database';

import { type StudyQueue, fetchQueue } from './api';

export interface Fetched {
  queue: StudyQueue;
  /** What was answered on this device and waits to be sent. */
  waiting: ReadonlySet<string>;
  /** From this device: the service is away. */
  isKept: boolean;
  /** Apart from all others, even where it says the same. */
  at: number;
}

export async function fetchOrKept(username: string, deckId: number): Promise<Fetched> {
  // Before the queue: what is sent meanwhile must not be shown again either.
  const waiting = await waitingTokens(username);
  const at = performance.now();
  try {
    return { queue: await fetchQueue(deckId), waiting, isKept: false, at };
  } catch (failure) {
    if (!isAway(failure)) throw failure;
    const kept = await keptFetched(username, keptAs(deckId));
    if (!isQueue(kept)) throw failure;
    return { queue: kept, waiting, isKept: true, at };
  }
}

export function keepQueue(username: string, deckId: number, queue: StudyQueue): void {
  void keepFetched(username, keptAs(deckId), queue);
}

const keptAs = (deckId: number) => `study/${deckId}`;

/** An older version of this application may have kept something else. */
function isQueue(value: unknown): value is StudyQueue {
  return typeof value === 'object' && value !== null && 'cards' in value && 'next_day_at' in value;
}
