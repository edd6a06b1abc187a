import { useEffect, useRef } from 'react';

import { type Command, commandOf, isSpokenFor } from './keys';
import type { Side } from './session';

/** Runs what keys ask for; gives back what takes the keys that are pressed in the card's frame. */
export function useStudyKeys(side: Side, run: (command: Command) => void) {
  const latest = useRef({ side, run });
  useEffect(() => {
    latest.current = { side, run };
  });
  const onKey = useRef((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    const isFreely = event.key === ' ' || event.key === 'Enter';
    // A button that has the focus would answer again and again while a key is held.
    if (event.repeat && isFreely && !isTyping(event.target)) event.preventDefault();
    if (isSpokenFor(event.target, event.key)) return;
    const command = commandOf(event, latest.current.side);
    if (!command) return;
    event.preventDefault();
    latest.current.run(command);
  });
  useEffect(() => {
    const { current } = onKey;
    window.addEventListener('keydown', current);
    return () => window.removeEventListener('keydown', current);
  }, []);
  return (event: KeyboardEvent) => onKey.current(event);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement;
}
