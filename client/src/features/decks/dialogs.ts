import type { Deck } from '@/shared/data/decks';

/** What is asked about a deck. */
export type DeckDialog =
  | { kind: 'new'; parentId: number | null }
  | { kind: 'rename' | 'description' | 'delete'; deck: Deck };
