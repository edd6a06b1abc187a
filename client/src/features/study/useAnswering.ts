import { useCallback, useEffect, useRef, useState } from 'react';

import { serviceNow } from '@/shared/api/clock';
import { newIdempotencyKey } from '@/shared/api/http';
import { enqueue, flush } from '@/shared/outbox/outbox';

import type { Rating } from './api';
import { answerShown, answered } from './session';
import { makeStopwatch } from './stopwatch';
import type { Study } from './useStudySession';

export interface Answering {
  show: () => void;
  answer: (rating: Rating) => void;
  elapsedMs: () => number;
}

/** Shows answers and takes ratings, each once: what is pressed again meets the next question. */
export function useAnswering(username: string, deckId: number, study: Study): Answering {
  const { store, session, refetch } = study;
  const [stopwatch] = useState(makeStopwatch);
  const latestRefetch = useRef(refetch);
  useEffect(() => {
    latestRefetch.current = refetch;
  });

  const current = session?.cards[0]?.answer_token;
  useEffect(() => {
    stopwatch.restart();
    const onVisibility = () =>
      document.visibilityState === 'visible' ? stopwatch.resume() : stopwatch.pause();
    document.addEventListener('visibilitychange', onVisibility);
    return () => document.removeEventListener('visibilitychange', onVisibility);
  }, [stopwatch, current]);

  const show = useCallback(() => store.change(answerShown), [store]);
  const answer = useCallback(
    (rating: Rating) => {
      const before = store.get();
      const card = before?.cards[0];
      if (!card || before.side !== 'answer') return;
      store.change(answered);
      const waiting = enqueue({
        key: newIdempotencyKey(),
        username,
        cardId: card.id,
        deckId,
        rating,
        timeTakenMs: Math.min(stopwatch.elapsedMs(), card.options.max_taken_ms),
        answerToken: card.answer_token,
        answeredAt: Math.round(serviceNow()),
        card,
      });
      if (before.cards.length > 1) return;
      void waiting.then(flush).then(() => latestRefetch.current());
    },
    [store, stopwatch, username, deckId],
  );
  return { show, answer, elapsedMs: stopwatch.elapsedMs };
}
