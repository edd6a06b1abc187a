import { type MouseEvent, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '@/shared/ui';

import styles from './AnswerBar.module.css';
import { RATINGS, type Rating, type StudyCard } from './api';
import type { Side } from './session';

const NAMES = { 1: 'again', 2: 'hard', 3: 'good', 4: 'easy' } as const;
/** The second press of a double one meets what took the place of the button that was meant. */
const DOUBLE_MS = 300;

interface AnswerBarProps {
  card: StudyCard;
  side: Side;
  onShow: () => void;
  onRate: (rating: Rating) => void;
}

/** Shows the answer, then takes the rating; always at the same place, under the thumb. */
export function AnswerBar({ card, side, onShow, onRate }: AnswerBarProps) {
  const { t } = useTranslation('study');
  const bar = useRef<HTMLDivElement>(null);
  const shownAt = useRef(0);
  useEffect(() => {
    shownAt.current = performance.now();
    // What had the focus went with the other side.
    if (document.activeElement !== document.body) return;
    bar.current?.querySelector<HTMLElement>('[data-first]')?.focus({ preventScroll: true });
  }, [card.answer_token, side]);
  const isStray = ({ detail, timeStamp }: MouseEvent) =>
    detail > 1 && timeStamp - shownAt.current < DOUBLE_MS;
  return (
    <div ref={bar} className={styles.bar}>
      {side === 'question' ? (
        <div className={styles.show}>
          <Button kind="primary" wide data-first onClick={(event) => !isStray(event) && onShow()}>
            {t('showAnswer')}
          </Button>
        </div>
      ) : (
        <div className={styles.ratings} role="group" aria-label={t('howWell')}>
          {RATINGS.map((rating) => (
            <button
              key={rating}
              type="button"
              className={styles[NAMES[rating]]}
              data-first={rating === 3 ? '' : undefined}
              onClick={(event) => !isStray(event) && onRate(rating)}
            >
              <span className={styles.name}>{t(`ratings.${NAMES[rating]}`)}</span>{' '}
              <span className={styles.interval}>{card.intervals[rating]}</span>
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
