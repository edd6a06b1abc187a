import { useEffect, useState } from 'react';

import { http } from '@/shared/api/http';

export interface Strength {
  /** 0 is guessed at once, 4 hardly ever. */
  score: number;
  warning: string | null;
  suggestions: string[];
  /** Why the service would refuse it. */
  problem: string | null;
}

export interface Candidate {
  password: string;
  username?: string;
  name?: string;
}

const PAUSE_MS = 350;

/** How hard a password is to guess, a moment after the person stops typing; null: not known. */
export function usePasswordStrength({ password, username, name }: Candidate): Strength | null {
  const [found, setFound] = useState<{ password: string; strength: Strength | null } | null>(null);
  useEffect(() => {
    if (!password) return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      askStrength({ password, username, name }, stop.signal)
        .catch(() => null)
        .then((strength) => {
          if (!stop.signal.aborted) setFound({ password, strength });
        })
        .catch(() => undefined);
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [password, username, name]);
  // What was found for the last one stays until the next is known: nothing flickers.
  return password ? (found?.strength ?? null) : null;
}

async function askStrength(candidate: object, signal: AbortSignal): Promise<Strength> {
  return (await http.post<Strength>('/api/password-strength', candidate, { signal })).data;
}
