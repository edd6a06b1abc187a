import { useTranslation } from 'react-i18next';

import { withoutSpeech } from '@/shared/cards/sounds';

import { expectedText } from './typedAnswer';
import { questionHtml } from './cardHtml';
import type { SessionCard, Side } from './session';

const LONGEST = 300;
const DIVIDER = /<hr\s+id=["']?answer["']?\s*\/?>/i;
const TYPE_MARK = /\[\[type:[^\]\n]*\]\]/g;

/** Says what is shown to those who do not see that something else is. */
export function Announcement({ card, side }: { card: SessionCard; side: Side }) {
  const { t } = useTranslation('study');
  const html = side === 'question' ? questionHtml(card) : ownAnswer(card.answer);
  return (
    <p className="visually-hidden" aria-live="polite">
      {t(side === 'question' ? 'said.question' : 'said.answer', {
        text: expectedText(withoutSpeech(html)).slice(0, LONGEST),
      })}
    </p>
  );
}

/** What comes after the question, where the template says where that is. */
function ownAnswer(answer: string): string {
  return (answer.split(DIVIDER).at(-1) ?? answer).replace(TYPE_MARK, '');
}
