import { queryOptions } from '@tanstack/react-query';

import { http } from '@/shared/api/http';
import type { components } from '@/shared/api/schema';
import type { Deck } from '@/shared/data/decks';

type Schemas = components['schemas'];

export interface DeckChanges {
  name?: string;
  description?: string;
  options_id?: number;
  new_limit?: number | null;
  review_limit?: number | null;
  new_limit_today?: number | null;
  review_limit_today?: number | null;
}

export type Today = Schemas['Today'];

const keyed = (key: string) => ({ headers: { 'Idempotency-Key': key } });

export async function addDeck(name: string, key: string): Promise<Deck> {
  const answer = await http.post<Schemas['NewDeckAnswer']>('/api/decks', { name }, keyed(key));
  return answer.data.deck;
}

export async function changeDeck(deckId: number, changes: DeckChanges, key: string): Promise<Deck> {
  const address = `/api/decks/${deckId}`;
  const answer = await http.put<Schemas['DeckAnswer']>(address, changes, keyed(key));
  return answer.data.deck;
}

export async function deleteDeck(deckId: number, key: string) {
  const address = `/api/decks/${deckId}`;
  const answer = await http.delete<Schemas['DeletedDecksAnswer']>(address, keyed(key));
  return answer.data.deleted;
}

/** What was answered today in a deck and its subdecks. */
export function todayQuery(deckId: number) {
  return queryOptions({
    queryKey: ['stats', { deck_id: deckId, days: 1 }],
    queryFn: async () => {
      const params = { deck_id: deckId, days: 1 };
      const answer = await http.get<{ today: Today }>('/api/stats', { params });
      return answer.data.today;
    },
  });
}
