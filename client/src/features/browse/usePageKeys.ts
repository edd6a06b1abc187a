import { useEffect, useRef } from 'react';

interface PageKeys {
  search: () => void;
  all: () => void;
  none: () => void;
}

/** Keys that work wherever one is on the page, but not while one writes. */
export function usePageKeys(keys: PageKeys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const act = actionOf(event, latest.current);
      if (!act || event.defaultPrevented || isElsewhere(event.target)) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}

function actionOf(event: KeyboardEvent, keys: PageKeys): (() => void) | undefined {
  const withControl = event.ctrlKey || event.metaKey;
  if (withControl && !event.altKey && event.key.toLowerCase() === 'a') return keys.all;
  if (withControl || event.altKey) return undefined;
  if (event.key === '/') return keys.search;
  return event.key === 'Escape' ? keys.none : undefined;
}

/** Where the keys mean something else: in fields, in dialogs, in the card beside the list. */
function isElsewhere(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest('input:not([type="checkbox"]), textarea, select, dialog, [data-card-panel]') !==
      null
  );
}
