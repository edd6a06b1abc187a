/** Where somebody was who left a deck to edit a card, and comes back. */
import type { Side } from './session';

interface Place {
  cardId: number;
  side: Side;
}

const places = new Map<number, Place>();

export function rememberPlace(deckId: number, place: Place): void {
  places.set(deckId, place);
}

/** Once: the next time, the deck begins as the service says. */
export function takePlace(deckId: number): Place | undefined {
  const place = places.get(deckId);
  places.delete(deckId);
  return place;
}
