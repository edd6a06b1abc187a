import { safeLink } from './address';

export interface FrameHandlers {
  /** A sound's button was pressed: its number among the card's sounds. */
  onPlay?: (sound: number) => void;
  /** A key was pressed while the frame had the focus. */
  onKeyDown?: (event: KeyboardEvent) => void;
}

/** What the page of a frame tells the one around it; gives back how to stop. */
export function listenIn(page: Document, handlers: () => FrameHandlers): () => void {
  const listening = new AbortController();
  const { signal } = listening;
  page.addEventListener(
    'click',
    (event) => {
      follow(event, handlers().onPlay);
      if (!keepsFocus(page, event.target)) giveFocusBack(page);
    },
    { signal },
  );
  // The middle button would open what the first one does.
  page.addEventListener('auxclick', (event) => linkOf(event) && event.preventDefault(), { signal });
  page.addEventListener(
    'keydown',
    (event) => {
      if (event.key === 'Enter' || event.key === ' ') follow(event, handlers().onPlay);
      if (!event.defaultPrevented && !isAtWork(event.target)) handlers().onKeyDown?.(event);
    },
    { signal },
  );
  // Menus around close when something else is pressed; they would not hear of it in here.
  page.addEventListener(
    'pointerdown',
    () => frameOf(page)?.dispatchEvent(new Event('pointerdown', { bubbles: true })),
    { signal },
  );
  return () => listening.abort();
}

/** A sound is played, a link opened in a window of its own; the frame itself goes nowhere. */
function follow(event: Event, onPlay: ((sound: number) => void) | undefined): void {
  const link = linkOf(event);
  if (!link) return;
  const sound = link.getAttribute('data-sound');
  const address = safeLink(link.getAttribute('href'));
  if (event.type === 'keydown' && sound === null) return; // a click follows
  event.preventDefault();
  if (sound !== null) onPlay?.(Number(sound));
  else if (address) window.open(address, '_blank', 'noopener,noreferrer');
}

function linkOf(event: Event): Element | null {
  return (event.target as Element).closest('a, area');
}

/** Keys that belong to what has the focus in the card: players and what unfolds. */
function isAtWork(target: EventTarget | null): boolean {
  return Boolean((target as Element | null)?.closest('audio, video, summary, a[href]'));
}

/** Somebody who marks text is about to copy it, and players are used by keys. */
function keepsFocus(page: Document, target: EventTarget | null): boolean {
  return page.getSelection()?.isCollapsed === false || isAtWork(target);
}

function giveFocusBack(page: Document): void {
  frameOf(page)?.blur();
  window.focus();
}

function frameOf(page: Document): HTMLElement | null {
  const frame = page.defaultView?.frameElement;
  return frame instanceof HTMLElement ? frame : null;
}
