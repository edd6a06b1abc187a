/** Who is logged in: kept in localStorage, the same in every tab. */
import { useSyncExternalStore } from 'react';

export interface Session {
  token: string;
  username: string;
  name: string;
  /** Epoch milliseconds. */
  expires_at: number;
}

const KEY = 'javumbo.session';
const listeners = new Set<() => void>();
let known: { text: string | null; session: Session | null } = { text: null, session: null };

export function currentSession(): Session | null {
  const text = localStorage.getItem(KEY);
  if (text !== known.text) known = { text, session: parsed(text) };
  return known.session;
}

export function startSession(session: Session): void {
  localStorage.setItem(KEY, JSON.stringify(session));
  tell();
}

/** Forget the token. What waits to be sent stays, for the same person's next login. */
export function endSession(): void {
  localStorage.removeItem(KEY);
  tell();
}

export function useSession(): Session | null {
  return useSyncExternalStore(subscribe, currentSession);
}

export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener('storage', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('storage', listener);
  };
}

function parsed(text: string | null): Session | null {
  try {
    const value = JSON.parse(text ?? 'null') as Session | null;
    return value && typeof value.token === 'string' ? value : null;
  } catch {
    return null;
  }
}

function tell(): void {
  for (const listener of listeners) listener();
}
