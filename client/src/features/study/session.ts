/** What is being studied, as it changes: values in, values out. */
import type { AnswerResult, Counts } from '@/shared/outbox/outbox';

import type { StudyCard, StudyQueue } from './api';

export type Side = 'question' | 'answer';

export interface StudySession {
  deckName: string;
  /** The card that is shown, and those that come after it. */
  cards: readonly StudyCard[];
  side: Side;
  counts: Counts;
  mediaUrl: string;
  nextLearningDueAt: number | null;
  finished: StudyQueue['finished'];
  /** The tokens of what was answered here: an older answer of the service may still have them. */
  answered: ReadonlySet<string>;
  studied: number;
}

const COUNT_OF_STATE: Record<StudyCard['state'], keyof Counts> = {
  new: 'new',
  learning: 'learn',
  relearning: 'learn',
  review: 'review',
};

export function beginSession(queue: StudyQueue, answered: ReadonlySet<string>): StudySession {
  return {
    deckName: queue.deck_name,
    cards: queue.cards.filter((card) => !answered.has(card.answer_token)),
    side: 'question',
    counts: queue.counts,
    mediaUrl: queue.media_url,
    nextLearningDueAt: queue.next_learning_due_at,
    finished: queue.finished,
    answered,
    studied: 0,
  };
}

/** The queue as the service has it now. What is being looked at stays, unless it is not due here. */
export function refreshed(session: StudySession, queue: StudyQueue): StudySession {
  const fresh = queue.cards.filter((card) => !session.answered.has(card.answer_token));
  const current = session.cards[0];
  const keeps =
    current &&
    (session.side === 'answer' || fresh.some((card) => card.answer_token === current.answer_token));
  return {
    ...session,
    cards: keeps ? [current, ...fresh.filter((card) => card.id !== current.id)] : fresh,
    side: keeps ? session.side : 'question',
    counts: queue.counts,
    mediaUrl: queue.media_url,
    nextLearningDueAt: queue.next_learning_due_at,
    finished: queue.finished,
  };
}

export function answerShown(session: StudySession): StudySession {
  return session.cards.length > 0 ? { ...session, side: 'answer' } : session;
}

/** The next card, at once: that the answer is on its way is the outbox's affair. */
export function answered(session: StudySession): StudySession {
  const [current, ...rest] = session.cards;
  if (!current) return session;
  const kind = COUNT_OF_STATE[current.state];
  return {
    ...session,
    cards: rest,
    side: 'question',
    counts: { ...session.counts, [kind]: Math.max(0, session.counts[kind] - 1) },
    answered: new Set([...session.answered, current.answer_token]),
    studied: session.studied + 1,
  };
}

/** An answer was saved. Its counts are the latest only when no other one is on its way. */
export function saved(session: StudySession, result: AnswerResult, isLast: boolean): StudySession {
  return {
    ...session,
    counts: isLast ? result.counts : session.counts,
    nextLearningDueAt: result.next_learning_due_at,
  };
}

/** A card comes back to the front, as after undo. */
export function takenBack(session: StudySession, card: StudyCard): StudySession {
  const tokens = new Set(session.answered);
  tokens.delete(card.answer_token);
  return {
    ...session,
    cards: [card, ...session.cards.filter((one) => one.id !== card.id)],
    side: 'question',
    answered: tokens,
    finished: null,
    studied: Math.max(0, session.studied - 1),
  };
}

/** The card that is shown goes, without an answer: buried, suspended, deleted or answered elsewhere. */
export function dropped(session: StudySession, cardId: number): StudySession {
  const isCurrent = session.cards[0]?.id === cardId;
  return {
    ...session,
    cards: session.cards.filter((card) => card.id !== cardId),
    side: isCurrent ? 'question' : session.side,
  };
}

/** A card as it is after an edit, a flag or a mark. */
export function changed(session: StudySession, card: StudyCard): StudySession {
  return {
    ...session,
    cards: session.cards.map((one) => (one.id === card.id ? card : one)),
  };
}
