import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { Button, Icon, LinkButton } from '@/shared/ui';

import { Counts } from './Counts';
import { FlagSign } from './flags';
import { KIND_OF_STATE, type StudySession } from './session';
import styles from './StudyHead.module.css';
import { Timer } from './Timer';

interface StudyHeadProps {
  session: StudySession;
  elapsedMs: () => number;
  hasSounds: boolean;
  onReplay: () => void;
  onUndo: () => void;
  menu: ReactNode;
}

/** What is studied and how much is left, and what can be done besides answering. */
export function StudyHead(props: StudyHeadProps) {
  const { session, elapsedMs, hasSounds, onReplay, onUndo, menu } = props;
  const { t } = useTranslation('study');
  const card = session.cards[0];
  return (
    <header className={styles.head}>
      <LinkButton kind="quiet" icon="back" iconOnly to="/">
        {t('toDecks')}
      </LinkButton>
      <div className={styles.middle}>
        <Title name={session.deckName} />
        <div className={styles.facts}>
          <Counts counts={session.counts} current={card ? KIND_OF_STATE[card.state] : null} />
          {card?.options.show_timer && (
            <Timer
              key={card.answer_token}
              elapsedMs={elapsedMs}
              maxMs={card.options.max_taken_ms}
            />
          )}
          {card && card.flag > 0 && <FlagSign flag={card.flag} />}
          {card?.marked && (
            <span className={styles.star} role="img" aria-label={t('marked')} title={t('marked')}>
              <Icon name="star" filled />
            </span>
          )}
        </div>
      </div>
      {hasSounds && (
        <Button kind="quiet" icon="play" iconOnly onClick={onReplay}>
          {t('replay')}
        </Button>
      )}
      <Button kind="quiet" icon="undo" iconOnly onClick={onUndo}>
        {t('undo')}
      </Button>
      {menu}
    </header>
  );
}

/** The last level of the name is what tells decks apart; it is the page's heading. */
function Title({ name }: { name: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1} className={styles.title} title={name.replaceAll('::', ' › ')}>
      {name.split('::').at(-1)}
    </h1>
  );
}
