import { useRef, useState } from 'react';
import { useNavigate } from 'react-router';

import type { CardFrameHandle } from '@/shared/cards/CardFrame';

import type { Command } from './keys';
import { rememberPlace } from './place';
import { useRemotePictures } from './remotePictures';
import { useAnswering } from './useAnswering';
import { useCardActions } from './useCardActions';
import { useCardSounds } from './useCardSounds';
import { useStudyKeys } from './useStudyKeys';
import { useStudySession } from './useStudySession';
import { useUndo } from './useUndo';

/** All that the study screen knows and does, apart from how it looks. */
export function useStudyScreen(username: string, deckId: number) {
  const study = useStudySession(username, deckId);
  const { session, store } = study;
  const answering = useAnswering(username, deckId, study);
  const { undo, redo } = useUndo(study, answering.given);
  const actions = useCardActions(study, undo);
  const sounds = useCardSounds(session);
  const [allowsRemote, toggleRemote] = useRemotePictures(username, deckId);
  const navigate = useNavigate();
  const frame = useRef<CardFrameHandle>(null);
  const [dialog, setDialog] = useState<'keys' | 'flags' | null>(null);

  const edit = () => {
    const now = store.get();
    const card = now?.cards[0];
    if (!card) return;
    rememberPlace(deckId, { cardId: card.id, side: now.side });
    const back = encodeURIComponent(`/decks/${deckId}/study`);
    void navigate(`/cards/${card.id}/edit?back=${back}`);
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
        setDialog('keys');
        break;
      default:
        ({ undo, redo, edit, replay: sounds.replay, ...actions })[command.kind]();
    }
  };
  const onKeyDown = useStudyKeys(session?.side ?? 'question', run);
  return {
    ...{ study, answering, undo, actions, sounds, frame, onKeyDown },
    ...{ edit, dialog, setDialog, allowsRemote, toggleRemote },
  };
}

export type StudyScreenState = ReturnType<typeof useStudyScreen>;
