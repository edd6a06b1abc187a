/** What the person has changed of a card and not saved yet. */
import { shownText, storedHtml } from '@/shared/data/fieldText';

import type { Card, CardChanges } from '../api';

export interface Draft {
  /** What stands in the text areas. */
  texts: Readonly<Record<string, string>>;
  tags: readonly string[];
  deckId: number;
}

export function draftOf(card: Card): Draft {
  const texts = Object.entries(card.fields).map(([name, html]) => [name, shownText(html)] as const);
  return { texts: Object.fromEntries(texts), tags: card.tags, deckId: card.deck_id };
}

/** The fields as they would be stored. */
export function htmlOf(card: Card, draft: Draft): Record<string, string> {
  return Object.fromEntries(
    Object.entries(draft.texts).map(([name, text]) => [name, storedHtml(text, card.fields[name])]),
  );
}

/** Only what differs is sent: what another device has changed meanwhile stays. Null for nothing. */
export function changesOf(card: Card, draft: Draft): CardChanges | null {
  const fields = Object.entries(htmlOf(card, draft)).filter(
    ([name, html]) => card.fields[name] !== html,
  );
  const changes: CardChanges = {
    ...(fields.length > 0 && { fields: Object.fromEntries(fields) }),
    ...(draft.tags.join(' ') !== card.tags.join(' ') && { tags: [...draft.tags] }),
    ...(draft.deckId !== card.deck_id && { deck_id: draft.deckId }),
  };
  return Object.keys(changes).length > 0 ? changes : null;
}
