import { keepPreviousData, queryOptions } from '@tanstack/react-query';

import { http } from '@/shared/api/http';
import type { components } from '@/shared/api/schema';

import type { Place } from './place';

export type CardRow = components['schemas']['CardRow'];
export type Card = components['schemas']['Card'];
export type CardAnswer = components['schemas']['CardAnswer'];
export type CardsPage = components['schemas']['CardsAnswer'];

/** How many cards one action takes. */
export const MAX_SELECTED = 10_000;
const MAX_PER_PAGE = 200;
const PAGES_AT_ONCE = 3;

export type Action =
  | { action: 'suspend' | 'unsuspend' | 'bury' | 'unbury' | 'delete' }
  | { action: 'flag'; value: number }
  | { action: 'move'; deck_id: number }
  | { action: 'reset'; restore_position: boolean; reset_counts: boolean }
  | { action: 'set_due'; days: string }
  | {
      action: 'reposition';
      starting_from: number;
      step: number;
      randomize: boolean;
      shift_existing: boolean;
    }
  | { action: 'add_tags' | 'remove_tags'; tags: string[] };

export type ActionName = Action['action'];

/** What a search is: the page of it and the card beside it do not count. */
export type Asked = Pick<Place, 'q' | 'deckId' | 'sort' | 'descending'>;

/** The page before stays in sight until the next one is there. */
export function cardsQuery(asked: Asked, page: number, perPage: number) {
  return queryOptions({
    queryKey: ['browse', 'cards', asked, page, perPage],
    queryFn: ({ signal }) => fetchCards(asked, page, perPage, signal),
    placeholderData: keepPreviousData,
  });
}

export function cardQuery(cardId: number) {
  return queryOptions({
    queryKey: ['browse', 'card', cardId],
    queryFn: async ({ signal }) =>
      (await http.get<CardAnswer>(`/api/cards/${cardId}`, { signal })).data,
  });
}

async function fetchCards(
  { q, deckId, sort, descending }: Asked,
  page: number,
  perPage: number,
  signal: AbortSignal,
): Promise<CardsPage> {
  const params = {
    ...(q.trim() && { q }),
    ...(deckId !== null && { deck_id: deckId }),
    sort: (descending ? '-' : '') + sort,
    page,
    per_page: perPage,
  };
  return (await http.get<CardsPage>('/api/cards', { params, signal })).data;
}

/** The ids of all cards that a search finds, as many as an action takes. */
export async function fetchAllIds(asked: Asked, signal: AbortSignal): Promise<number[]> {
  const fetchPage = (page: number) => fetchCards(asked, page, MAX_PER_PAGE, signal);
  const first = await fetchPage(1);
  const last = Math.min(first.pagination.total_pages, MAX_SELECTED / MAX_PER_PAGE);
  const pages = [first];
  for (let page = 2; page <= last; page += PAGES_AT_ONCE) {
    const count = Math.min(PAGES_AT_ONCE, last - page + 1);
    pages.push(
      ...(await Promise.all(Array.from({ length: count }, (_, at) => fetchPage(page + at)))),
    );
  }
  return [...new Set(pages.flatMap(({ cards }) => cards.map((card) => card.id)))];
}

export interface Acting {
  cardIds: readonly number[];
  action: Action;
  key: string;
}

/** All of the cards, or none; how many were changed, or notes where it is about tags. */
export async function actOnCards({ cardIds, action, key }: Acting): Promise<number> {
  const headers = { 'Idempotency-Key': key };
  const body = { ...action, card_ids: cardIds };
  const answer = await http.post<{ changed: number }>('/api/cards/actions', body, { headers });
  return answer.data.changed;
}

export interface CardChanges {
  fields?: Record<string, string>;
  tags?: string[];
  deck_id?: number;
}

export interface Saving {
  cardId: number;
  changes: CardChanges;
  key: string;
}

export async function saveCard({ cardId, changes, key }: Saving): Promise<Card> {
  const headers = { 'Idempotency-Key': key };
  const answer = await http.put<{ card: Card }>(`/api/cards/${cardId}`, changes, { headers });
  return answer.data.card;
}
