/** The notetypes: which fields a note has, and what its cards look like. */
import { queryOptions } from '@tanstack/react-query';

import { http } from '@/shared/api/http';
import type { components } from '@/shared/api/schema';

export type Notetype = components['schemas']['Notetype'];

export const notetypesQuery = queryOptions({
  queryKey: ['notetypes'],
  queryFn: async () => {
    const answer = await http.get<components['schemas']['NotetypesAnswer']>('/api/notetypes');
    return answer.data.notetypes;
  },
});
