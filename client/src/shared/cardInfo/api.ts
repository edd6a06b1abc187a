import { queryOptions } from '@tanstack/react-query';

import { http } from '@/shared/api/http';
import type { components } from '@/shared/api/schema';

export type CardInfo = components['schemas']['CardInfo'];
export type Review = components['schemas']['Review'];

/** Asked anew each time it is opened: every answer changes it. */
export function cardInfoQuery(cardId: number) {
  return queryOptions({
    queryKey: ['cardInfo', cardId],
    queryFn: async ({ signal }) => {
      const path = `/api/cards/${cardId}/info`;
      const answer = await http.get<components['schemas']['CardInfoAnswer']>(path, { signal });
      return answer.data.info;
    },
    staleTime: 0,
    gcTime: 0,
  });
}
