import { queryOptions } from '@tanstack/react-query';

import { http } from '@/shared/api/http';
import type { components } from '@/shared/api/schema';

type Schemas = components['schemas'];

export type Card = Schemas['Card'];
export type AddedNote = Schemas['NewCardAnswer'];

export interface NewNote {
  deck_id: number;
  notetype_id: number;
  fields: Record<string, string>;
  tags: string[];
}

export interface CardChanges {
  fields?: Record<string, string>;
  tags?: string[];
  deck_id?: number;
}

const keyed = (key: string) => ({ headers: { 'Idempotency-Key': key } });

export function cardQuery(cardId: number) {
  return queryOptions({
    queryKey: ['cards', cardId],
    queryFn: async () => {
      const answer = await http.get<Schemas['CardAnswer']>(`/api/cards/${cardId}`);
      return answer.data.card;
    },
  });
}

export async function addNote(note: NewNote, key: string): Promise<AddedNote> {
  return (await http.post<AddedNote>('/api/cards', note, keyed(key))).data;
}

export async function changeCard(cardId: number, changes: CardChanges, key: string): Promise<Card> {
  const address = `/api/cards/${cardId}`;
  const answer = await http.put<Schemas['ChangedCardAnswer']>(address, changes, keyed(key));
  return answer.data.card;
}

export async function deleteCard(cardId: number, key: string): Promise<void> {
  await http.delete(`/api/cards/${cardId}`, keyed(key));
}

/** Keeps a file; the name under which it is stored may be another one. */
export async function addMedia(file: File, key: string): Promise<string> {
  const answer = await http.post<{ name: string }>('/api/media', file, {
    params: { name: file.name },
    headers: { 'Idempotency-Key': key, 'Content-Type': 'application/octet-stream' },
    timeout: 120_000,
  });
  return answer.data.name;
}
