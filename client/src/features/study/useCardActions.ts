import { useTranslation } from 'react-i18next';

import { flush } from '@/shared/outbox/outbox';
import { toast, useErrorText } from '@/shared/ui';

import { type CardAction, type StudyCard, actOn, fetchCardIdsOfNote } from './api';
import { changed, dropped, takenBack } from './session';
import type { Study } from './useStudySession';
import { TOASTS } from './useUndo';

const MARK = 'marked';

export interface CardActions {
  bury: () => void;
  buryNote: () => void;
  suspend: () => void;
  /** The flag that the card has already is taken away. */
  flag: (flag: number) => void;
  mark: () => void;
}

/** What can be done about the card that is shown: seen at once, taken back if it fails. */
export function useCardActions({ store, refetch }: Study, undo: () => void): CardActions {
  const { t } = useTranslation('study');
  const errorText = useErrorText();

  const withCurrent = (
    work: (card: StudyCard) => Promise<void>,
    putBack: (c: StudyCard) => void,
  ) => {
    const card = store.get()?.cards[0];
    if (!card) return;
    work(card).catch((error: unknown) => {
      putBack(card);
      toast(errorText(error));
    });
  };
  const away = (said: string, goes: (card: StudyCard) => boolean, act: () => Promise<void>) => {
    store.change((session) => dropped(session, goes));
    return flush()
      .then(act)
      .then(() => {
        toast(t(said), { label: t('undo'), onSelect: undo }, TOASTS);
        return refetch();
      });
  };
  const back = (card: StudyCard) => store.change((session) => takenBack(session, card));

  const takeOut = (action: 'bury' | 'suspend', said: string) =>
    withCurrent(
      ({ id }) =>
        away(
          said,
          (one) => one.id === id,
          () => actOn([id], { action }),
        ),
      back,
    );
  const change = (
    next: (card: StudyCard) => Partial<Pick<StudyCard, 'flag' | 'marked'>>,
    action: (card: StudyCard) => CardAction,
  ) =>
    withCurrent(
      async (card) => {
        store.change((session) => changed(session, card.id, next(card)));
        await flush();
        await actOn([card.id], action(card));
      },
      ({ id, flag, marked }) => store.change((session) => changed(session, id, { flag, marked })),
    );

  return {
    bury: () => takeOut('bury', 'done.bury'),
    suspend: () => takeOut('suspend', 'done.suspend'),
    buryNote: () =>
      withCurrent(
        ({ note_id }) =>
          away(
            'done.buryNote',
            (one) => one.note_id === note_id,
            async () => actOn(await fetchCardIdsOfNote(note_id), { action: 'bury' }),
          ),
        back,
      ),
    flag: (flag) => {
      const flagged = (card: StudyCard) => (card.flag === flag ? 0 : flag);
      change(
        (card) => ({ flag: flagged(card) }),
        (card) => ({ action: 'flag', value: flagged(card) }),
      );
    },
    mark: () =>
      change(
        (card) => ({ marked: !card.marked }),
        (card) => ({ action: card.marked ? 'remove_tags' : 'add_tags', tags: [MARK] }),
      ),
  };
}
