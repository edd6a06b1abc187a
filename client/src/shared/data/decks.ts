/** The decks as the service has them, and as this device remembers them without a network. */
import { queryOptions } from '@tanstack/react-query';

import { isAway } from '@/shared/api/errors';
import { http } from '@/shared/api/http';
import type { components } from '@/shared/api/schema';
import { currentSession } from '@/shared/api/session';
import { keepFetched, keptFetched } from '@/shared/store/database';

export type Deck = components['schemas']['Deck'];
export type StudyCounts = components['schemas']['StudyCounts'];

export interface Decks {
  /** In the order of the tree. */
  decks: Deck[];
  /** Of all decks together. */
  counts: StudyCounts;
  /** True where the service could not be asked and this is what it said before. */
  isKept: boolean;
}

const KEPT = 'decks';

export const decksQuery = queryOptions({
  queryKey: ['decks'],
  queryFn: fetchDecks,
  networkMode: 'always',
});

export function deckQuery(deckId: number) {
  return queryOptions({
    queryKey: ['decks', deckId],
    queryFn: async () => {
      const answer = await http.get<components['schemas']['DeckAnswer']>(`/api/decks/${deckId}`);
      return answer.data.deck;
    },
  });
}

async function fetchDecks(): Promise<Decks> {
  const username = currentSession()?.username ?? '';
  try {
    const answer = await http.get<components['schemas']['DecksAnswer']>('/api/decks');
    const decks = { decks: answer.data.decks, counts: answer.data.counts, isKept: false };
    void keepFetched(username, KEPT, decks);
    return decks;
  } catch (error) {
    const kept = isAway(error) ? await keptFetched(username, KEPT) : undefined;
    if (!isDecks(kept)) throw error;
    return { ...kept, isKept: true };
  }
}

function isDecks(value: unknown): value is Decks {
  return typeof value === 'object' && value !== null && 'decks' in value && 'counts' in value;
}
