import { http } from '@/shared/api/http';
import type { Counts } from '@/shared/outbox/outbox';

export type Rating = 1 | 2 | 3 | 4;

/** A card to be answered, with what each button would do. */
export interface StudyCard {
  id: number;
  note_id: number;
  deck_id: number;
  deck_name: string;
  ord: number;
  question: string;
  answer: string;
  css: string;
  tags: string[];
  marked: boolean;
  flag: number;
  state: 'new' | 'learning' | 'relearning' | 'review';
  /** What is to be typed, for cards that ask for it. */
  typed: TypedAnswer | null;
  options: ReviewerOptions;
  /** The interval after each rating, as Anki writes it. */
  intervals: Record<'1' | '2' | '3' | '4', string>;
  answer_token: string;
}

export interface TypedAnswer {
  expected: string;
  font: string;
  size: number;
}

export interface ReviewerOptions {
  autoplay: boolean;
  replay_question: boolean;
  timer: boolean;
  max_time_s: number;
}

/** Why nothing is left, and what still waits. */
export interface Finished {
  new: boolean;
  review: boolean;
  learning: number;
  learning_shown_at: number | null;
  buried: { siblings: boolean; user: boolean };
}

export interface StudyQueue {
  deck_name: string;
  cards: StudyCard[];
  counts: Counts;
  next_learning_due_at: number | null;
  finished: Finished | null;
  media_url: string;
}

/** So many cards are fetched ahead: what can be studied without a network. */
const AHEAD = 30;

export async function fetchQueue(deckId: number): Promise<StudyQueue> {
  const answer = await http.get<StudyQueue>(`/api/review/${deckId}`, { params: { limit: AHEAD } });
  return answer.data;
}
