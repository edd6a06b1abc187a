import { queryOptions } from '@tanstack/react-query';

import { http, newIdempotencyKey } from '@/shared/api/http';
import type { components } from '@/shared/api/schema';

export type Backup = components['schemas']['Backup'];

export const backupsQuery = queryOptions({
  queryKey: ['backups'],
  queryFn: async () => {
    const answer = await http.get<components['schemas']['BackupsAnswer']>('/api/backups');
    return answer.data.backups;
  },
});

/** A new backup, or the one that has this very state already. */
export async function makeBackup(): Promise<Backup> {
  return (await http.post<{ backup: Backup }>('/api/backups')).data.backup;
}

export async function restoreBackup(id: string): Promise<void> {
  const headers = { 'Idempotency-Key': newIdempotencyKey() };
  await http.post(`/api/backups/${id}/restore`, undefined, { headers, timeout: 0 });
}
