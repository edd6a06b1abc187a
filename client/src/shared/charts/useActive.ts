import { type KeyboardEvent, type PointerEvent, useState } from 'react';

interface Moves {
  count: number;
  /** Where the keyboard begins. */
  start: number;
  /** Which one is under a place within the element; null for none. */
  at: (x: number, y: number) => number | null;
  /** How far each key goes. */
  steps: Readonly<Record<string, number>>;
}

/** Which bar or day the person looks at, by pointer or by arrow keys. */
export function useActive({ count, start, at, steps }: Moves) {
  const [chosen, setChosen] = useState<number | null>(null);
  const active = chosen === null || chosen >= count ? null : chosen;

  const onPointer = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    setChosen(at(event.clientX - box.left, event.clientY - box.top));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = destination(event.key, active ?? start);
    if (to === undefined) return;
    event.preventDefault();
    setChosen(to);
  };
  const destination = (key: string, from: number) => {
    if (key === 'Escape') return null;
    if (key === 'Home') return 0;
    if (key === 'End') return count - 1;
    const step = steps[key];
    return step === undefined ? undefined : Math.min(count - 1, Math.max(0, from + step));
  };

  return {
    active,
    handlers: {
      onPointerMove: onPointer,
      onPointerDown: onPointer,
      onPointerLeave: (event: PointerEvent) => {
        if (document.activeElement !== event.currentTarget) setChosen(null);
      },
      onFocus: () => setChosen((current) => current ?? start),
      onBlur: () => setChosen(null),
      onKeyDown,
    },
  };
}
