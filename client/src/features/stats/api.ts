import { queryOptions } from '@tanstack/react-query';

import { http } from '@/shared/api/http';
import type { components } from '@/shared/api/schema';

export type Stats = components['schemas']['Graphs'];
export type Passed = components['schemas']['Passed'];

/** Of all decks, or of one with its subdecks; today and that many days before, 0 for all. */
export function statsQuery(deckId: number | null, days: number) {
  return queryOptions({
    queryKey: ['stats', { deckId, days }],
    queryFn: async ({ signal }) => {
      const params = { days, ...(deckId !== null && { deck_id: deckId }) };
      return (await http.get<Stats>('/api/stats', { params, signal })).data;
    },
  });
}
