/** What is being studied, as it changes: values in, values out. */
import type { AnswerResult, Counts } from '@/shared/outbox/outbox';

import { AHEAD, type StudyCard, type StudyQueue } from './api';

export type Side = 'question' | 'answer';

/** A card and where its media lay when it was fetched: that changes, the card need not. */
export interface SessionCard extends StudyCard {
  mediaUrl: string;
  /** Taken back to be answered again: it stays, though it may not be due. */
  isPinned?: boolean;
}

export interface StudySession {
  deckName: string;
  /** The card that is shown, and those that come after it. */
  cards: readonly SessionCard[];
  side: Side;
  counts: Counts;
  mediaUrl: string;
  nextLearningDueAt: number | null;
  nextDayAt: number;
  finished: StudyQueue['finished'];
  /** The tokens of what was answered here: an older answer of the service may still have them. */
  answered: ReadonlySet<string>;
  studied: number;
}

export const KIND_OF_STATE: Record<StudyCard['state'], keyof Counts> = {
  new: 'new',
  learning: 'learn',
  relearning: 'learn',
  review: 'review',
};

export function beginSession(queue: StudyQueue, answered: ReadonlySet<string>): StudySession {
  const blank = { cards: [], side: 'question', answered, studied: 0 } as const;
  return { ...blank, ...arrived(queue, answered) };
}

/** The queue as the service has it now. What is being looked at stays, unless it is not due here. */
export function refreshed(session: StudySession, queue: StudyQueue): StudySession {
  const news = arrived(queue, session.answered);
  const current = session.cards[0];
  const again = news.cards.find((card) => card.id === current?.id);
  const stays =
    current !== undefined &&
    (session.side === 'answer' ||
      (again
        ? again.answer_token === current.answer_token
        : current.isPinned === true || queue.cards.length >= AHEAD));
  if (!stays) return { ...session, ...news, side: 'question' };
  const kept = again?.answer_token === current.answer_token ? updated(current, again) : current;
  return { ...session, ...news, cards: [kept, ...news.cards.filter((one) => one.id !== kept.id)] };
}

export function answerShown(session: StudySession): StudySession {
  return session.cards.length > 0 ? { ...session, side: 'answer' } : session;
}

/** The next card, at once: that the answer is on its way is the outbox's affair. */
export function answered(session: StudySession): StudySession {
  const [current, ...rest] = session.cards;
  if (!current || session.side !== 'answer') return session;
  return {
    ...session,
    cards: rest,
    side: 'question',
    counts: without(session.counts, [current]),
    answered: new Set([...session.answered, current.answer_token]),
    finished: null,
    studied: session.studied + 1,
  };
}

/** An answer was saved. Its counts are the latest only when no other one is on its way. */
export function saved(session: StudySession, result: AnswerResult, isLast: boolean): StudySession {
  if (!isLast) return session;
  return { ...session, counts: result.counts, nextLearningDueAt: result.next_learning_due_at };
}

/** A card comes back to the front, as after undo. */
export function takenBack(session: StudySession, card: StudyCard): StudySession {
  const tokens = new Set(session.answered);
  tokens.delete(card.answer_token);
  const kind = KIND_OF_STATE[card.state];
  const isThere = session.cards.some((one) => one.id === card.id);
  return {
    ...session,
    cards: [
      { ...card, mediaUrl: session.mediaUrl, isPinned: true },
      ...session.cards.filter((one) => one.id !== card.id),
    ],
    side: 'question',
    counts: isThere ? session.counts : { ...session.counts, [kind]: session.counts[kind] + 1 },
    answered: tokens,
    finished: null,
    studied: Math.max(0, session.studied - 1),
  };
}

/** Cards go without an answer of this session: buried, suspended, deleted or answered elsewhere. */
export function dropped(session: StudySession, goes: (card: StudyCard) => boolean): StudySession {
  const leaving = session.cards.filter(goes);
  const [current] = session.cards;
  if (!current || leaving.length === 0) return session;
  return {
    ...session,
    cards: session.cards.filter((card) => !goes(card)),
    side: goes(current) ? 'question' : session.side,
    counts: without(session.counts, leaving),
  };
}

/** A card as it is after a flag or a mark. */
export function changed(
  session: StudySession,
  cardId: number,
  change: Partial<Pick<StudyCard, 'flag' | 'marked'>>,
): StudySession {
  return {
    ...session,
    cards: session.cards.map((one) => (one.id === cardId ? { ...one, ...change } : one)),
  };
}

/** The card that was shown before comes first, as it was shown. */
export function resumed(session: StudySession, cardId: number, side: Side): StudySession {
  const card = session.cards.find((one) => one.id === cardId);
  if (!card) return session;
  return { ...session, side, cards: [card, ...session.cards.filter((one) => one !== card)] };
}

/** The queue as it is kept for when there is no network; what more the cards say does no harm. */
export function queueOf(session: StudySession): StudyQueue {
  return {
    deck_name: session.deckName,
    cards: [...session.cards],
    counts: session.counts,
    next_learning_due_at: session.nextLearningDueAt,
    next_day_at: session.nextDayAt,
    finished: session.finished,
    media_url: session.mediaUrl,
  };
}

/** What a queue says, less what was answered since the service made it. */
function arrived(queue: StudyQueue, answered: ReadonlySet<string>) {
  const isOpen = (card: StudyCard) => !answered.has(card.answer_token);
  return {
    deckName: queue.deck_name,
    cards: queue.cards.filter(isOpen).map((card) => ({ ...card, mediaUrl: queue.media_url })),
    counts: without(
      queue.counts,
      queue.cards.filter((card) => !isOpen(card)),
    ),
    mediaUrl: queue.media_url,
    nextLearningDueAt: queue.next_learning_due_at,
    nextDayAt: queue.next_day_at,
    finished: queue.finished,
  };
}

/** The same card with what changed about it; nothing is drawn anew where nothing did. */
function updated(current: SessionCard, again: SessionCard): SessionCard {
  const { mediaUrl, isPinned } = current;
  const same = { ...again, mediaUrl, ...(isPinned && { isPinned }) };
  return JSON.stringify(same) === JSON.stringify(current) ? current : same;
}

function without(counts: Counts, cards: readonly StudyCard[]): Counts {
  const left = { ...counts };
  for (const card of cards) {
    const kind = KIND_OF_STATE[card.state];
    left[kind] = Math.max(0, left[kind] - 1);
  }
  return left;
}
