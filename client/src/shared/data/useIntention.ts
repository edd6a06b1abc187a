import { useRef } from 'react';

import { newIdempotencyKey } from '@/shared/api/http';

interface Intention {
  /** The key for a change: the same one while the same thing is tried again. */
  keyFor: (content: unknown) => string;
  /** It was done: doing the same again is another intention. */
  done: () => void;
}

export function useIntention(): Intention {
  const tried = useRef({ text: '', key: '' });
  return {
    keyFor: (content) => {
      const text = JSON.stringify(content);
      if (tried.current.text !== text) tried.current = { text, key: newIdempotencyKey() };
      return tried.current.key;
    },
    done: () => {
      tried.current = { text: '', key: '' };
    },
  };
}
