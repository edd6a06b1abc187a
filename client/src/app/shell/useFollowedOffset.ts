import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { followOffset } from '@/shared/data/offset';

/** The day turns by the clock of where the person is: after travel, too. */
export function useFollowedOffset(username: string): void {
  const queryClient = useQueryClient();
  useEffect(() => {
    const follow = () => {
      if (document.visibilityState !== 'visible') return;
      followOffset(username)
        .then((moved) => (moved ? queryClient.invalidateQueries() : undefined))
        // Without a network: when the person is back the next time.
        .catch(() => undefined);
    };
    follow();
    document.addEventListener('visibilitychange', follow);
    return () => document.removeEventListener('visibilitychange', follow);
  }, [username, queryClient]);
}
