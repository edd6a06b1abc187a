/** Cards and queues for the tests. */
import type { StudyCard, StudyQueue } from './api';

export function cardOf(id: number, more: Partial<StudyCard> = {}): StudyCard {
  return {
    id,
    note_id: id * 10,
    deck_id: 1,
    deck_name: 'Deck',
    ord: 0,
    question: `question ${id}`,
    answer: `question ${id}<hr id=answer>answer ${id}`,
    css: '',
    tags: [],
    marked: false,
    flag: 0,
    state: 'review',
    typed: null,
    options: {
      autoplay: true,
      replay_question: true,
      show_timer: false,
      max_taken_ms: 60_000,
      auto_advance: null,
    },
    intervals: { 1: '<1m', 2: '<6m', 3: '<10m', 4: '4d' },
    answer_token: `token-${id}`,
    ...more,
  };
}

export function queueOf(cards: StudyCard[], more: Partial<StudyQueue> = {}): StudyQueue {
  const count = (...states: StudyCard['state'][]) =>
    cards.filter((card) => states.includes(card.state)).length;
  return {
    deck_name: 'Deck',
    cards,
    counts: {
      new: count('new'),
      learn: count('learning', 'relearning'),
      review: count('review'),
    },
    next_learning_due_at: null,
    next_day_at: 2_000_000_000_000,
    finished: null,
    media_url: '/media/signed/',
    ...more,
  };
}
