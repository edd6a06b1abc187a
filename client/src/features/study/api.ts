import { http, newIdempotencyKey } from '@/shared/api/http';
import type { components } from '@/shared/api/schema';

export const RATINGS = [1, 2, 3, 4] as const;
export type Rating = (typeof RATINGS)[number];

type Schemas = components['schemas'];

/** A card to be answered, with what each button would do. */
export type StudyCard = Omit<Schemas['StudyCard'], 'front' | 'back' | 'notetype_id'>;
export type TypedAnswer = Schemas['TypedAnswer'];
/** Why nothing is left, and what still waits. */
export type Finished = Schemas['Waiting'];
export type StudyQueue = Omit<Schemas['StudyAnswer'], 'success' | 'cards'> & { cards: StudyCard[] };
/** What was taken back, or done again. */
export type Reverted = Schemas['UndoAnswer'];

/** So many cards are fetched ahead: what can be studied without a network. */
export const AHEAD = 30;

export const queueKey = (username: string, deckId: number) => ['study', username, deckId] as const;

export async function fetchQueue(deckId: number): Promise<StudyQueue> {
  const answer = await http.get<StudyQueue>(`/api/review/${deckId}`, { params: { limit: AHEAD } });
  return { ...answer.data, media_url: (http.defaults.baseURL ?? '') + answer.data.media_url };
}

export const deckSizeKey = (deckId: number) => ['study', 'size', deckId] as const;

export async function fetchDeckSize(deckId: number): Promise<number> {
  const answer = await http.get<{ deck: { total_cards: number } }>(`/api/decks/${deckId}`);
  return answer.data.deck.total_cards;
}

export async function revert(way: 'undo' | 'redo'): Promise<Reverted> {
  return (await http.post<Reverted>(`/api/${way}`, {}, keyed())).data;
}

export type CardAction =
  | { action: 'bury' | 'suspend' }
  | { action: 'flag'; value: number }
  | { action: 'add_tags' | 'remove_tags'; tags: string[] };

export async function actOn(cardIds: number[], action: CardAction): Promise<void> {
  await http.post('/api/cards/actions', { ...action, card_ids: cardIds }, keyed());
}

/** All cards of a note; a notetype has at most 50 templates, but a cloze may have more. */
export async function fetchCardIdsOfNote(noteId: number): Promise<number[]> {
  const params = { q: `nid:${noteId}`, per_page: 200 };
  const answer = await http.get<{ cards: { id: number }[] }>('/api/cards', { params });
  return answer.data.cards.map((card) => card.id);
}

export async function unbury(deckId: number): Promise<void> {
  await http.post(`/api/decks/${deckId}/unbury`, {}, keyed());
}

function keyed() {
  return { headers: { 'Idempotency-Key': newIdempotencyKey() } };
}
