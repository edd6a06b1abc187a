/** The tags that notes have. */
import { queryOptions } from '@tanstack/react-query';

import { http } from '@/shared/api/http';
import type { components } from '@/shared/api/schema';

export const tagsQuery = queryOptions({
  queryKey: ['tags'],
  queryFn: async () => {
    const answer = await http.get<components['schemas']['TagsAnswer']>('/api/tags');
    return answer.data.tags;
  },
});
