/** How much room there is. */
import { useSyncExternalStore } from 'react';

const PHONE = '(max-width: 40rem)';
const ROOM_FOR_PANEL = '(min-width: 64rem)';

export function useIsPhone(): boolean {
  return useMatches(PHONE);
}

/** Whether a card is shown beside the list; else it has a page of its own. */
export function useHasPanel(): boolean {
  return useMatches(ROOM_FOR_PANEL);
}

function useMatches(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = window.matchMedia(query);
      media.addEventListener('change', listener);
      return () => media.removeEventListener('change', listener);
    },
    () => window.matchMedia(query).matches,
  );
}
