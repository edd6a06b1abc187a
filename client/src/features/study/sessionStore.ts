import type { StudySession } from './session';

/** Where the session is between two keys pressed at once: read and changed without waiting. */
export interface SessionStore {
  get: () => StudySession | null;
  change: (step: (session: StudySession) => StudySession) => void;
  begin: (session: StudySession) => void;
  subscribe: (listener: () => void) => () => void;
}

export function makeSessionStore(): SessionStore {
  let session: StudySession | null = null;
  const listeners = new Set<() => void>();
  const begin = (next: StudySession) => {
    if (next === session) return;
    session = next;
    for (const listener of listeners) listener();
  };
  return {
    get: () => session,
    begin,
    change: (step) => {
      if (session) begin(step(session));
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
