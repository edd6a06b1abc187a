import { QueryClient } from '@tanstack/react-query';

import { isAway } from '@/shared/api/errors';
import { currentSession, subscribe } from '@/shared/api/session';

const FRESH_MS = 5000;
const MAX_TRIES = 2;

/** What was fetched, for one person: another login starts with nothing. */
export function makeQueryClient(): QueryClient {
  const client = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: FRESH_MS,
        retry: (failures, error) => failures < MAX_TRIES && isAway(error),
      },
    },
  });
  let username = currentSession()?.username;
  subscribe(() => {
    if (currentSession()?.username === username) return;
    username = currentSession()?.username;
    client.clear();
  });
  return client;
}
