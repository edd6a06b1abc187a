/** Which sounds of a card are played, and when. */
import { type Sound, soundsOf } from '@/shared/cards/sounds';

import type { StudyCard } from './api';
import type { Side } from './session';

type Spoken = Pick<StudyCard, 'question' | 'answer' | 'options'>;

/** What is played as soon as a side is shown. */
export function soundsByThemselves(card: Spoken, side: Side): Sound[] {
  if (!card.options.autoplay) return [];
  return side === 'question' ? soundsOf(card.question) : ownSoundsOfAnswer(card);
}

/** What is played when somebody asks to hear it again. */
export function soundsToReplay(card: Spoken, side: Side): Sound[] {
  if (side === 'question') return soundsOf(card.question);
  const own = ownSoundsOfAnswer(card);
  return card.options.replay_question ? [...soundsOf(card.question), ...own] : own;
}

/** Without those that the answer has only because it repeats the whole question. */
function ownSoundsOfAnswer({ question, answer }: Spoken): Sound[] {
  return soundsOf(question === '' ? answer : answer.replace(question, () => ''));
}
