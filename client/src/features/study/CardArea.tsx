import { type Ref, useEffect } from 'react';
import { useTranslation } from 'react-i18next';

import { CardFrame, type CardFrameHandle } from '@/shared/cards/CardFrame';
import { prepareAhead } from '@/shared/cards/cardDocument';
import { type Sound, soundsOf } from '@/shared/cards/sounds';

import { answerHtml, questionHtml } from './cardHtml';
import type { SessionCard, Side } from './session';

interface CardAreaProps {
  card: SessionCard;
  next: SessionCard | undefined;
  side: Side;
  typed: string;
  allowRemote: boolean;
  onPlay: (sound: Sound | undefined) => void;
  onKeyDown: (event: KeyboardEvent) => void;
  ref: Ref<CardFrameHandle>;
}

/** The side of the card that is shown; what comes after it is made ready meanwhile. */
export function CardArea(props: CardAreaProps) {
  const { card, next, side, typed, allowRemote, onPlay, onKeyDown, ref } = props;
  const { t } = useTranslation(['study', 'cards']);
  const html = side === 'question' ? questionHtml(card) : answerHtml(card, typed);
  const playLabel = t('play', { ns: 'cards' });

  const ahead = side === 'question' && !card.typed ? answerHtml(card, '') : null;
  const { mediaUrl } = card;
  useEffect(() => {
    if (ahead !== null) prepareAhead({ html: ahead, mediaUrl, allowRemote, playLabel });
  }, [ahead, mediaUrl, allowRemote, playLabel]);

  useEffect(() => {
    if (!next) return;
    const source = { mediaUrl: next.mediaUrl, allowRemote, playLabel };
    prepareAhead({ ...source, html: questionHtml(next) });
    prepareAhead({ ...source, html: answerHtml(next, '') });
  }, [next, allowRemote, playLabel]);

  return (
    <CardFrame
      ref={ref}
      fill
      title={t(side)}
      html={html}
      css={card.css}
      mediaUrl={card.mediaUrl}
      ordinal={card.ord}
      allowRemote={allowRemote}
      onPlay={(sound) => onPlay(soundsOf(html)[sound])}
      onKeyDown={onKeyDown}
    />
  );
}
