/** The decks as rows of a tree, without what lies in levels that are closed. */
import type { Deck } from '@/shared/data/decks';
import { SEPARATOR } from '@/shared/data/deckNames';

export interface DeckRow {
  deck: Deck;
  /** Its name without that of its parent. */
  label: string;
  /** 0 at the top. */
  depth: number;
  hasSubdecks: boolean;
  isOpen: boolean;
}

/**
 * `decks` in the order of the tree; `closed` are the ids of decks whose subdecks are hidden. All of
 * them lie under `root`, if there is one.
 */
export function rowsOf(
  decks: readonly Deck[],
  closed: ReadonlySet<number>,
  root?: Deck,
): DeckRow[] {
  const parents = new Set(decks.map((deck) => deck.parent_id));
  const shown = new Map<number, DeckRow>();
  const names = new Map(decks.map((deck) => [deck.id, deck.name]));
  if (root) names.set(root.id, root.name);
  for (const deck of decks) {
    const parent = deck.parent_id === null ? undefined : shown.get(deck.parent_id);
    const parentName = deck.parent_id === null ? undefined : names.get(deck.parent_id);
    const isAtTop = parentName === undefined || deck.parent_id === root?.id;
    if (!isAtTop && !parent?.isOpen) continue;
    const hasSubdecks = parents.has(deck.id);
    shown.set(deck.id, {
      deck,
      label: parentName === undefined ? deck.name : labelUnder(deck.name, parentName),
      depth: parent ? parent.depth + 1 : 0,
      hasSubdecks,
      isOpen: hasSubdecks && !closed.has(deck.id),
    });
  }
  return [...shown.values()];
}

/** How many decks lie under one. */
export function countSubdecks(decks: readonly Deck[], deckId: number): number {
  const within = new Set([deckId]);
  for (const deck of decks) {
    if (deck.parent_id !== null && within.has(deck.parent_id)) within.add(deck.id);
  }
  return within.size - 1;
}

/** With a deck's level opened or closed. */
export function toggled(closed: ReadonlySet<number>, deckId: number): Set<number> {
  const next = new Set(closed);
  if (!next.delete(deckId)) next.add(deckId);
  return next;
}

/** A deck's name without that of its parent. */
export function labelOf(deck: Deck, decks: readonly Deck[]): string {
  const parent = decks.find((one) => one.id === deck.parent_id);
  return parent ? labelUnder(deck.name, parent.name) : deck.name;
}

// A parent may be written with other capitals than its subdeck says.
function labelUnder(name: string, parentName: string): string {
  return name.slice(parentName.length + SEPARATOR.length);
}
