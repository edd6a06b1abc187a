import { useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError } from '@/shared/api/errors';
import { flush, withdrawLast } from '@/shared/outbox/outbox';
import { toast, useErrorText } from '@/shared/ui';

import { type Reverted, type StudyCard, revert } from './api';
import { dropped, resumed, takenBack } from './session';
import type { Study } from './useStudySession';

/** What takes the card out of the session that is shown; it is shown again after. */
const TAKEN_OUT = new Set(['Bury', 'Suspend']);
const UNDO_ERRORS = new Set(['nothing_to_undo', 'cannot_undo']);

/** One message at a time about what was done or undone: an older one would undo something else. */
export const TOASTS = 'study';

export interface Undoing {
  undo: () => void;
  redo: () => void;
}

/** Takes back the last change, one at a time: an answer that still waits, else at the service. */
export function useUndo({ store, refetch }: Study, deckId: number): Undoing {
  const { t } = useTranslation('study');
  const errorText = useErrorText();
  const isBusy = useRef(false);
  const textOf = (error: unknown) =>
    error instanceof ApiError && UNDO_ERRORS.has(error.code)
      ? t(`errors.${error.code}`)
      : errorText(error);

  const once = (work: () => Promise<void>) => {
    if (isBusy.current) return;
    isBusy.current = true;
    work()
      .catch((error: unknown) => toast(textOf(error), undefined, TOASTS))
      .finally(() => {
        isBusy.current = false;
      });
  };
  const nameOf = ({ operation }: Reverted) =>
    t(`operations.${operation}`, { defaultValue: operation });

  const takeBack = async () => {
    const last = await withdrawLast();
    if (last) {
      const { card } = last;
      if (last.deckId === deckId && isStudyCard(card)) {
        store.change((session) => takenBack(session, card));
      }
      toast(t('undone', { what: t('operations.Answer card') }), undefined, TOASTS);
      return;
    }
    await flush();
    const reverted = await revert('undo');
    if (reverted.whole_collection) store.change((session) => dropped(session, () => true));
    const card = reverted.review_card;
    if (card) store.change((session) => takenBack(session, card));
    const again = { label: t('redo'), onSelect: redo };
    toast(t('undone', { what: nameOf(reverted) }), again, TOASTS);
    await refetch();
    if (!TAKEN_OUT.has(reverted.operation)) return;
    const back = store.get()?.cards.find(({ id }) => reverted.card_ids.includes(id));
    if (back) store.change((session) => resumed(session, back.id, 'question'));
  };
  const doAgain = async () => {
    const reverted = await revert('redo');
    const gone = new Set(reverted.answered_card_ids);
    store.change((session) => dropped(session, (card) => gone.has(card.id)));
    toast(t('redone', { what: nameOf(reverted) }), undefined, TOASTS);
    await refetch();
  };
  function redo() {
    once(doAgain);
  }
  return { undo: () => once(takeBack), redo };
}

/** An older version of this application may have kept something else. */
function isStudyCard(value: unknown): value is StudyCard {
  return typeof value === 'object' && value !== null && 'answer_token' in value;
}
