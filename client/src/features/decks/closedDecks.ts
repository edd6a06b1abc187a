/** Which levels of the tree are closed; remembered on this device for each person. */
import { useCallback, useState } from 'react';

import { currentSession } from '@/shared/api/session';

import { toggled } from './tree';

const key = () => `javumbo.closedDecks.${currentSession()?.username ?? ''}`;

export function useClosedDecks(): [ReadonlySet<number>, (deckId: number) => void] {
  const [closed, setClosed] = useState(stored);
  const toggle = useCallback((deckId: number) => {
    // What another tab has closed meanwhile stays closed.
    const next = toggled(stored(), deckId);
    localStorage.setItem(key(), JSON.stringify([...next]));
    setClosed(next);
  }, []);
  return [closed, toggle];
}

function stored(): Set<number> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key()) ?? '[]');
    return new Set(Array.isArray(value) ? value.filter((id) => typeof id === 'number') : []);
  } catch {
    return new Set();
  }
}
