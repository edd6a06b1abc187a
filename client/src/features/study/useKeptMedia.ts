import { useEffect } from 'react';

import { mediaOf } from '@/shared/cards/mediaOf';
import { keepMedia } from '@/shared/store/keptMedia';

import type { StudySession } from './session';

/** Studying comes first; and so does what it fetches itself. */
const WAIT_MS = 2000;

/** Keeps the pictures and sounds of the cards that were fetched ahead. */
export function useKeptMedia(username: string, deckId: number, session: StudySession | null): void {
  const cards = session?.cards ?? [];
  const last = cards.at(-1)?.id;
  const mediaUrl = session?.mediaUrl ?? '';
  useEffect(() => {
    if (last === undefined || !navigator.onLine) return;
    const leaving = new AbortController();
    const timer = setTimeout(() => {
      const addresses = cards.flatMap((card) => mediaOf(card.question + card.answer, mediaUrl));
      void keepMedia(username, deckId, [...new Set(addresses)], leaving.signal);
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      leaving.abort();
    };
    // When others are added at the end; that one is answered, or has another address, is no news.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [username, deckId, last]);
}
