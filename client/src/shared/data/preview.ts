/** How a card would look, before anything is stored. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query';

import { http } from '@/shared/api/http';

export interface PreviewAsked {
  notetype_id: number;
  fields: Record<string, string>;
  tags?: string[];
  deck_id?: number;
  /** Which of the note's cards. */
  ord?: number;
  /** What is tried out in the place of the notetype's own. */
  template?: { question: string; answer: string; css: string };
}

export interface Preview {
  ordinals: number[];
  card: { ord: number; question: string; answer: string; css: string } | null;
  /** A note with the same first field. */
  duplicate_of: number | null;
  media_url: string;
}

/** The one before stays while the next is on its way, so that nothing flickers while typing. */
export function previewQuery(asked: PreviewAsked | null) {
  return queryOptions({
    queryKey: ['preview', asked],
    queryFn: async ({ signal }) => {
      const answer = await http.post<Preview>('/api/cards/preview', asked, { signal });
      return answer.data;
    },
    enabled: asked !== null,
    placeholderData: keepPreviousData,
    gcTime: 0,
    retry: false,
  });
}
