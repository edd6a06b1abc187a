import { useCallback } from 'react';
import { useLocation } from 'react-router';

/** Where a card is edited on a page of its own, from which one comes back here. */
export function useCardAddress(): (cardId: number) => string {
  const { pathname, search } = useLocation();
  return useCallback(
    (cardId) => `/cards/${cardId}/edit?back=${encodeURIComponent(pathname + search)}`,
    [pathname, search],
  );
}
