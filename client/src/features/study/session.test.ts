import { describe, expect, it } from 'vitest';

import { AHEAD, type StudyCard } from './api';
import {
  type StudySession,
  answerShown,
  answered,
  beginSession,
  changed,
  dropped,
  queueOf as keptQueue,
  refreshed,
  resumed,
  saved,
  takenBack,
} from './session';
import { cardOf, queueOf } from './testCards';

const STATES: StudyCard['state'][] = ['new', 'learning', 'relearning', 'review'];
const ids = (session: StudySession) => session.cards.map((card) => card.id);
const begin = (...cards: StudyCard[]) => beginSession(queueOf(cards), new Set());
const rate = (session: StudySession) => answered(answerShown(session));

describe('a session', () => {
  it('does not show again what waits to be sent, nor count it', () => {
    const queue = queueOf([cardOf(1), cardOf(2), cardOf(3, { state: 'new' })]);
    const session = beginSession(queue, new Set(['token-1', 'token-3']));
    expect(ids(session)).toEqual([2]);
    expect(session.counts).toEqual({ new: 0, learn: 0, review: 1 });
  });

  it('goes on to the next question at once', () => {
    const session = rate(begin(cardOf(1, { state: 'new' }), cardOf(2)));
    expect(ids(session)).toEqual([2]);
    expect(session).toMatchObject({ side: 'question', studied: 1 });
    expect(session.counts).toEqual({ new: 0, learn: 0, review: 1 });
  });

  it('takes one answer for each card that was shown', () => {
    const session = rate(begin(cardOf(1), cardOf(2)));
    expect(answered(session)).toBe(session);
  });

  it('has nothing to show or answer at its end', () => {
    const session = rate(begin(cardOf(1)));
    expect(answerShown(session)).toBe(session);
    expect(answered(session)).toBe(session);
  });

  it('believes the counts of the last answer only', () => {
    const session = begin(cardOf(1), cardOf(2));
    const result = { counts: { new: 5, learn: 5, review: 5 }, next_learning_due_at: 7 };
    expect(saved(session, result, false)).toBe(session);
    expect(saved(session, result, true)).toMatchObject({
      counts: result.counts,
      nextLearningDueAt: 7,
    });
  });

  it('puts a card first that was taken back, and shows its question', () => {
    const card = cardOf(1, { state: 'new' });
    const session = takenBack(answerShown(rate(begin(card, cardOf(2)))), card);
    expect(ids(session)).toEqual([1, 2]);
    expect(session).toMatchObject({ side: 'question', studied: 0 });
    expect(session.counts).toEqual({ new: 1, learn: 0, review: 1 });
    expect(session.answered.has('token-1')).toBe(false);
  });

  it('drops what is buried, with the side that is shown', () => {
    const session = answerShown(begin(cardOf(1), cardOf(2), cardOf(3)));
    expect(dropped(session, (card) => card.id === 1)).toMatchObject({ side: 'question' });
    expect(dropped(session, (card) => card.id === 3)).toMatchObject({ side: 'answer' });
    expect(ids(dropped(session, (card) => card.note_id === 20))).toEqual([1, 3]);
    expect(dropped(session, () => false)).toBe(session);
  });

  it('flags and marks one card', () => {
    const session = changed(begin(cardOf(1), cardOf(2)), 2, { flag: 3, marked: true });
    expect(session.cards.map((card) => [card.flag, card.marked])).toEqual([
      [0, false],
      [3, true],
    ]);
  });

  it('goes on where somebody was who comes back', () => {
    const session = begin(cardOf(1), cardOf(2), cardOf(3));
    expect(ids(resumed(session, 3, 'answer'))).toEqual([3, 1, 2]);
    expect(resumed(session, 3, 'answer').side).toBe('answer');
    expect(resumed(session, 9, 'answer')).toBe(session);
  });

  it('is kept as a queue to begin with', () => {
    const session = rate(begin(cardOf(1), cardOf(2), cardOf(3)));
    const again = beginSession(keptQueue(session), new Set());
    expect(ids(again)).toEqual([2, 3]);
    expect(again.counts).toEqual(session.counts);
  });
});

describe('a queue that arrives meanwhile', () => {
  it('leaves the card that is shown in its place, as the same object', () => {
    const session = begin(cardOf(1), cardOf(2));
    const news = refreshed(session, queueOf([cardOf(5), cardOf(1), cardOf(2)]));
    expect(ids(news)).toEqual([1, 5, 2]);
    expect(news.cards[0]).toBe(session.cards[0]);
  });

  it('does not draw a card anew because its media moved', () => {
    const session = begin(cardOf(1));
    const news = refreshed(session, queueOf([cardOf(1)], { media_url: '/media/later/' }));
    expect(news.cards[0]).toBe(session.cards[0]);
    expect(news.mediaUrl).toBe('/media/later/');
  });

  it('shows what an edit changed', () => {
    const news = refreshed(begin(cardOf(1)), queueOf([cardOf(1, { question: 'edited' })]));
    expect(news.cards[0]?.question).toBe('edited');
  });

  it('replaces a question that was answered elsewhere, but not an answer that is read', () => {
    const session = begin(cardOf(1), cardOf(2));
    expect(ids(refreshed(session, queueOf([cardOf(2)])))).toEqual([2]);
    expect(ids(refreshed(answerShown(session), queueOf([cardOf(2)])))).toEqual([1, 2]);
    const later = refreshed(session, queueOf([cardOf(1, { answer_token: 'later' })]));
    expect(later.cards[0]?.answer_token).toBe('later');
  });

  it('leaves a card in its place that may come further down', () => {
    const many = Array.from({ length: AHEAD }, (_, index) => cardOf(100 + index));
    expect(ids(refreshed(begin(cardOf(1)), queueOf(many)))[0]).toBe(1);
  });

  it('leaves what was taken back, though it is not due', () => {
    const session = takenBack(begin(cardOf(2)), cardOf(1));
    expect(ids(refreshed(session, queueOf([cardOf(2)])))).toEqual([1, 2]);
  });

  it('brings back a card that failed, in its new state', () => {
    const session = rate(begin(cardOf(1)));
    const again = cardOf(1, { state: 'relearning', answer_token: 'again' });
    expect(ids(refreshed(session, queueOf([again])))).toEqual([1]);
  });
});

/** Small whole numbers that look like chance and are the same each time. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}

describe('whatever happens in whatever order', () => {
  it.each(Array.from({ length: 60 }, (_, seed) => seed + 1))('all is in order (%i)', (seed) => {
    const random = chance(seed * 7919);
    const cards = Array.from({ length: 12 }, (_, index) =>
      cardOf(index + 1, { state: STATES[random(STATES.length)] ?? 'new' }),
    );
    let session = begin(...cards);
    const given: StudyCard[] = [];
    for (let step = 0; step < 60; step++) {
      const [current] = session.cards;
      const before = session;
      switch (random(6)) {
        case 0:
        case 1:
          session = answerShown(session);
          break;
        case 2:
          session = answered(session);
          if (session !== before && current) given.push(current);
          break;
        case 3:
          session = refreshed(session, queueOf(cards));
          break;
        case 4: {
          const last = given.pop();
          if (last) session = takenBack(session, last);
          break;
        }
        default:
          session = dropped(session, (card) => card.id === current?.id && random(3) === 0);
      }
      expectOrder(session, given);
    }
  });

  function expectOrder(session: StudySession, given: StudyCard[]): void {
    expect(new Set(ids(session)).size).toBe(session.cards.length);
    expect(session.answered).toEqual(new Set(given.map((card) => card.answer_token)));
    for (const card of session.cards) expect(session.answered.has(card.answer_token)).toBe(false);
    expect(
      Math.min(session.counts.new, session.counts.learn, session.counts.review),
    ).toBeGreaterThanOrEqual(0);
    expect(session.studied).toBe(given.length);
    if (session.cards.length === 0) expect(session.side).toBe('question');
  }
});
