import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';

import type { CardFrameHandle } from '@/shared/cards/CardFrame';
import { toast } from '@/shared/ui';

import type { Command } from './keys';
import { rememberPlace } from './place';
import { useRemotePictures } from './remotePictures';
import { useAnswering } from './useAnswering';
import { useAutoAdvance } from './useAutoAdvance';
import { useCardActions } from './useCardActions';
import { useCardSounds } from './useCardSounds';
import { useKeptMedia } from './useKeptMedia';
import { useStudyKeys } from './useStudyKeys';
import { useStudySession } from './useStudySession';
import { TOASTS, useUndo } from './useUndo';

/** All that the study screen knows and does, apart from how it looks. */
export function useStudyScreen(username: string, deckId: number) {
  const study = useStudySession(username, deckId);
  const { session, store } = study;
  const answering = useAnswering(username, deckId, study);
  const { undo, redo } = useUndo(study, deckId);
  const actions = useCardActions(study, undo);
  const sounds = useCardSounds(username, session);
  useKeptMedia(username, deckId, session);
  const [allowsRemote, toggleRemote] = useRemotePictures(username, deckId);
  const navigate = useNavigate();
  const frame = useRef<CardFrameHandle>(null);
  const [dialog, setDialog] = useState<'keys' | 'flags' | 'info' | null>(null);
  const [isAdvancing, setAdvancing] = useState(false);
  const { t } = useTranslation('study');

  const edit = () => {
    const now = store.get();
    const card = now?.cards[0];
    if (!card) return;
    rememberPlace(deckId, { cardId: card.id, side: now.side });
    const back = encodeURIComponent(`/decks/${deckId}/study`);
    void navigate(`/cards/${card.id}/edit?back=${back}`);
  };
  const toggleAdvance = () => {
    if (!store.get()?.cards[0]?.options.auto_advance) return;
    toast(t(isAdvancing ? 'advance.off' : 'advance.on'), undefined, TOASTS);
    setAdvancing(!isAdvancing);
  };
  const run = (command: Command) => {
    switch (command.kind) {
      case 'show':
        answering.show();
        break;
      case 'rate':
        answering.answer(command.rating);
        break;
      case 'flag':
        actions.flag(command.flag);
        break;
      case 'scroll':
        frame.current?.scroll(command);
        break;
      case 'keys':
      case 'info':
        setDialog(command.kind);
        break;
      case 'advance':
        toggleAdvance();
        break;
      default:
        ({ undo, redo, edit, replay: sounds.replay, ...actions })[command.kind]();
    }
  };
  useAutoAdvance({
    isOn: isAdvancing,
    card: session?.cards[0],
    side: session?.side ?? 'question',
    isPlaying: sounds.isPlaying,
    isPaused: dialog !== null,
    run,
    onReminder: (side) => toast(t(`advance.reminder.${side}`), undefined, TOASTS),
  });
  const onKeyDown = useStudyKeys(session?.side ?? 'question', run);
  return {
    ...{ study, answering, undo, actions, sounds, frame, onKeyDown },
    ...{ edit, dialog, setDialog, allowsRemote, toggleRemote, isAdvancing, toggleAdvance },
  };
}

export type StudyScreenState = ReturnType<typeof useStudyScreen>;
