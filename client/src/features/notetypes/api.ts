import { queryOptions } from '@tanstack/react-query';

import { http } from '@/shared/api/http';
import type { components } from '@/shared/api/schema';
import { type Notetype, notetypesQuery } from '@/shared/data/notetypes';

type Schemas = components['schemas'];

/** What is left out stays. */
export type NotetypeChanges = Partial<Schemas['NotetypeBody']>;

/** Anki's own, as the service calls them. */
export const STOCK = [
  'basic',
  'basic_reversed',
  'basic_optional_reversed',
  'basic_typing',
  'cloze',
] as const;
export type Base = { stock: (typeof STOCK)[number] } | { copy_of: number };

const keyed = (key: string) => ({ headers: { 'Idempotency-Key': key } });

export function notetypeQuery(notetypeId: number) {
  return queryOptions({
    queryKey: [...notetypesQuery.queryKey, notetypeId],
    queryFn: async () => {
      const address = `/api/notetypes/${notetypeId}`;
      return (await http.get<Schemas['NotetypeAnswer']>(address)).data.notetype;
    },
  });
}

/** The fields of a note of this type, to try its templates with; null where there is none. */
export function sampleQuery(notetypeId: number) {
  return queryOptions({
    queryKey: ['cards', { sampleOf: notetypeId }],
    queryFn: async () => {
      const params = { q: `mid:${notetypeId}`, per_page: 1 };
      const found = await http.get<Schemas['CardsAnswer']>('/api/cards', { params });
      const [card] = found.data.cards;
      if (!card) return null;
      const answer = await http.get<Schemas['CardAnswer']>(`/api/cards/${card.id}`);
      return answer.data.card.fields;
    },
  });
}

export async function addNotetype(name: string, base: Base, key: string): Promise<Notetype> {
  const body = { name, ...base };
  const answer = await http.post<Schemas['NewNotetypeAnswer']>('/api/notetypes', body, keyed(key));
  return answer.data.notetype;
}

export async function changeNotetype(
  notetypeId: number,
  changes: NotetypeChanges,
  key: string,
): Promise<Notetype> {
  const address = `/api/notetypes/${notetypeId}`;
  const answer = await http.put<Schemas['NotetypeAnswer']>(address, changes, keyed(key));
  return answer.data.notetype;
}

export async function deleteNotetype(notetypeId: number, key: string): Promise<void> {
  await http.delete(`/api/notetypes/${notetypeId}`, keyed(key));
}
