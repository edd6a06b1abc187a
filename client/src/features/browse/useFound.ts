import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';

import { type CardsPage, cardsQuery } from './api';
import type { Place } from './place';
import { type SearchProblem, searchProblem } from './searchProblem';

export interface Found {
  /** What was found last, even while the search in the field cannot be understood. */
  data: CardsPage | undefined;
  problem: SearchProblem | null;
  error: unknown;
  /** What is shown was found by another search. */
  isStale: boolean;
  /** Ask again; undefined where that fails. */
  reload: () => Promise<CardsPage | undefined>;
}

/** The page of cards that the address asks for. */
export function useFound(place: Place): Found {
  const { q, deckId, sort, descending, page, perPage } = place;
  const query = useQuery(cardsQuery({ q, deckId, sort, descending }, page, perPage));
  const [last, setLast] = useState(query.data);
  if (query.data !== undefined && query.data !== last) setLast(query.data);
  const problem = useMemo(() => searchProblem(query.error, q), [query.error, q]);
  return {
    data: query.data ?? (problem ? last : undefined),
    problem,
    error: problem ? null : query.error,
    isStale: query.isPlaceholderData || problem !== null,
    reload: async () => (await query.refetch()).data,
  };
}
