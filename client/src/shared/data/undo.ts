/** Taking back the last change of the collection, whatever it was. */
import { http, newIdempotencyKey } from '@/shared/api/http';

export interface Undone {
  operation: string;
  notes: { restored: number; removed: number };
  cards: { restored: number; removed: number };
  whole_collection: boolean;
}

/** Undo the last change if it is of this name; null where something else was done since. */
export async function undoIfLast(operation: string): Promise<Undone | null> {
  const list = await http.get<{ undo: string[] }>('/api/undo');
  if (list.data.undo[0] !== operation) return null;
  const headers = { 'Idempotency-Key': newIdempotencyKey() };
  return (await http.post<Undone>('/api/undo', undefined, { headers })).data;
}
