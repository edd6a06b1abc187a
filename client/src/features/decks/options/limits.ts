/** Daily limits of a deck's own, as they are typed in; empty is none. */
import type { Deck } from '@/shared/data/decks';

import type { DeckChanges } from '../api';

export const LIMITS = [
  'new_limit',
  'review_limit',
  'new_limit_today',
  'review_limit_today',
] as const;
export type LimitName = (typeof LIMITS)[number];
export type Limits = Partial<Record<LimitName, string>>;

const MAX_LIMIT = 9999;

export function limitsOf(typed: Limits, deck: Deck): Record<LimitName, string> {
  const shown = (name: LimitName) => typed[name] ?? String(deck[name] ?? '');
  return {
    new_limit: shown('new_limit'),
    review_limit: shown('review_limit'),
    new_limit_today: shown('new_limit_today'),
    review_limit_today: shown('review_limit_today'),
  };
}

/** What differs from the deck's, and which are no limits. */
export function readLimits(typed: Limits, deck: Deck) {
  const changes: Pick<DeckChanges, LimitName> = {};
  const problems: LimitName[] = [];
  for (const name of LIMITS) {
    const text = typed[name]?.trim();
    if (text === undefined) continue;
    const limit = text === '' ? null : Number(text);
    const isLimit = limit === null || (/^\d+$/.test(text) && limit <= MAX_LIMIT);
    if (!isLimit) problems.push(name);
    else if (limit !== deck[name]) changes[name] = limit;
  }
  return { changes, problems };
}
