import { queryOptions } from '@tanstack/react-query';

import { http, newIdempotencyKey } from '@/shared/api/http';
import type { components } from '@/shared/api/schema';

export type MediaFile = components['schemas']['MediaFile'];
export type MediaList = components['schemas']['MediaAnswer'];
export type MediaCheck = components['schemas']['MediaCheckAnswer'];

export const mediaKey = ['media'] as const;
const PER_PAGE = 50;

/** One page of the files whose names have `name` in them. */
export function mediaQuery(name: string, page: number) {
  return queryOptions({
    queryKey: [...mediaKey, 'list', name, page],
    queryFn: async ({ signal }) => {
      const params = { name, page, per_page: PER_PAGE };
      return (await http.get<MediaList>('/api/media', { params, signal })).data;
    },
  });
}

export async function checkMedia(): Promise<MediaCheck> {
  return (await http.get<MediaCheck>('/api/media/check', { timeout: 0 })).data;
}

/** The name as it is stored, which may be another one. */
export async function renameMedia({ name, wanted }: { name: string; wanted: string }) {
  const config = { params: { name }, ...once() };
  return (await http.put<{ name: string }>('/api/media', { name: wanted }, config)).data.name;
}

export async function deleteMedia(names: readonly string[]): Promise<void> {
  for (const name of names) await http.delete('/api/media', { params: { name }, ...once() });
}

function once() {
  return { headers: { 'Idempotency-Key': newIdempotencyKey() } };
}
