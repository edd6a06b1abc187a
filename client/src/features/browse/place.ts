/** What the address of the browser says: what is looked for, in which order, which page and card. */
import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';

import { SORTS, type SortKey } from './columns';

export const PAGE_SIZES = [50, 100] as const;

export interface Place {
  q: string;
  deckId: number | null;
  sort: SortKey;
  descending: boolean;
  page: number;
  perPage: number;
  /** The card beside the list. */
  cardId: number | null;
}

const FIRST: Place = {
  q: '',
  deckId: null,
  sort: 'sort_field',
  descending: false,
  page: 1,
  perPage: PAGE_SIZES[0],
  cardId: null,
};

export function readPlace(params: URLSearchParams): Place {
  const order = params.get('sort') ?? '';
  const name = order.replace(/^-/, '');
  const sort = SORTS.find((one) => one === name);
  const size = Number(params.get('size'));
  return {
    q: params.get('q') ?? FIRST.q,
    deckId: natural(params.get('deck')),
    sort: sort ?? FIRST.sort,
    descending: sort !== undefined && order.startsWith('-'),
    page: natural(params.get('page')) ?? FIRST.page,
    perPage: PAGE_SIZES.find((one) => one === size) ?? FIRST.perPage,
    cardId: natural(params.get('card')),
  };
}

/** The address in its shortest form: what is as it always is does not stand in it. */
export function writePlace(place: Place): URLSearchParams {
  const params = new URLSearchParams();
  const sort = (place.descending ? '-' : '') + place.sort;
  if (place.q) params.set('q', place.q);
  if (place.deckId !== null) params.set('deck', String(place.deckId));
  if (sort !== FIRST.sort) params.set('sort', sort);
  if (place.perPage !== FIRST.perPage) params.set('size', String(place.perPage));
  if (place.page > 1) params.set('page', String(place.page));
  if (place.cardId !== null) params.set('card', String(place.cardId));
  return params;
}

export type GoTo = (change: Partial<Place>, how?: { replace?: boolean }) => void;

export function usePlace(): { place: Place; goTo: GoTo } {
  const [params, setParams] = useSearchParams();
  const place = useMemo(() => readPlace(params), [params]);
  const goTo = useCallback<GoTo>(
    (change, { replace = false } = {}) => {
      setParams((now) => writePlace({ ...readPlace(now), ...change }), {
        replace,
        preventScrollReset: true,
      });
    },
    [setParams],
  );
  return { place, goTo };
}

function natural(text: string | null): number | null {
  return text !== null && /^[1-9]\d{0,15}$/.test(text) ? Number(text) : null;
}
