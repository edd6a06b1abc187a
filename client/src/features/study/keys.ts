/** What each key does while studying; the same as in Anki. */
import type { Rating } from './api';
import type { Side } from './session';

export type Command =
  | { kind: 'show' | 'undo' | 'redo' | 'edit' | 'bury' | 'buryNote' | 'suspend' }
  | { kind: 'mark' | 'replay' | 'keys' | 'info' | 'advance' }
  | { kind: 'rate'; rating: Rating }
  | { kind: 'flag'; flag: number }
  | { kind: 'scroll'; pages?: number; pixels?: number };

export type Key = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'altKey' | 'metaKey'> &
  Pick<KeyboardEvent, 'shiftKey' | 'repeat'>;

const LINE = 60;
const ANYTIME: Record<string, Command> = {
  u: { kind: 'undo' },
  e: { kind: 'edit' },
  '-': { kind: 'bury' },
  '=': { kind: 'buryNote' },
  '@': { kind: 'suspend' },
  '*': { kind: 'mark' },
  r: { kind: 'replay' },
  i: { kind: 'info' },
  '?': { kind: 'keys' },
};
const SCROLLING: Record<string, Command> = {
  ArrowDown: { kind: 'scroll', pixels: LINE },
  ArrowUp: { kind: 'scroll', pixels: -LINE },
  PageDown: { kind: 'scroll', pages: 1 },
  PageUp: { kind: 'scroll', pages: -1 },
};
const RATING_OF: Record<string, Rating> = { '1': 1, '2': 2, '3': 3, '4': 4 };
const GOOD: Rating = 3;

/** What a key asks for; null for nothing of ours. */
export function commandOf(key: Key, side: Side): Command | null {
  if (key.altKey) return null;
  if (key.ctrlKey || key.metaKey) return key.repeat ? null : withControl(key);
  const scrolling = SCROLLING[key.key];
  if (scrolling) return key.shiftKey ? null : scrolling;
  if (key.repeat) return null; // a held key never answers
  if (key.key === ' ' || key.key === 'Enter') {
    if (key.shiftKey) return null;
    return side === 'question' ? { kind: 'show' } : { kind: 'rate', rating: GOOD };
  }
  const rating = RATING_OF[key.key];
  if (rating) return side === 'answer' ? { kind: 'rate', rating } : null;
  if (key.shiftKey && letterOf(key) === 'a') return { kind: 'advance' };
  return ANYTIME[letterOf(key)] ?? null;
}

function withControl(key: Key): Command | null {
  if (letterOf(key) === 'z') return { kind: key.shiftKey ? 'redo' : 'undo' };
  if (letterOf(key) === 'y') return { kind: 'redo' };
  const flag = /^Digit([1-7])$/.exec(key.code)?.[1];
  return flag && key.ctrlKey && !key.shiftKey ? { kind: 'flag', flag: Number(flag) } : null;
}

/** The letter on the key, where the keyboard writes others than Latin ones. */
function letterOf({ key, code }: Key): string {
  const isForeign = /^\p{L}$/u.test(key) && !/^[a-z]$/i.test(key);
  return isForeign ? (/^Key([A-Z])$/.exec(code)?.[1] ?? key).toLowerCase() : key.toLowerCase();
}

const TYPING = 'input, textarea, select, [contenteditable], dialog, [role="menu"]';
const PRESSED_BY_KEYS = 'button, a, summary, audio, video, [role="button"]';

/** Whether a key belongs to what has the focus, not to the card. */
export function isSpokenFor(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof Element)) return false;
  if (document.querySelector('dialog[open]') || target.closest(TYPING)) return true;
  return (key === ' ' || key === 'Enter') && target.closest(PRESSED_BY_KEYS) !== null;
}
