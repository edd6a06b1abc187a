import { useTranslation } from 'react-i18next';

import { formatDate, formatNumber } from '@/shared/i18n/format';

import type { Card } from '../api';
import { FlagSign, StateSign } from '../cells';
import { dueText, easeText, intervalText } from '../cellText';
import styles from './CardPanel.module.css';

/** What is known of a card. */
export function CardFacts({ card }: { card: Card }) {
  const { t } = useTranslation('browse');
  const facts = [
    ['state', <StateSign key="state" card={card} />],
    ['due', dueText(card, formatDate)],
    ['interval', intervalText(card.interval_days)],
    ['ease', easeText(card.ease)],
    ['reps', formatNumber(card.reps)],
    ['lapses', formatNumber(card.lapses)],
    ['flag', card.flag > 0 ? <FlagSign key="flag" flag={card.flag} /> : t('flags.0')],
    ['notetype', card.notetype],
    ['created', formatDate(card.id)],
    ['modified', formatDate(card.modified_at)],
  ] as const;
  return (
    <dl className={styles.facts}>
      {facts.map(([name, fact]) => (
        <div key={name} style={{ display: 'contents' }}>
          <dt>{t(`column.${name}`)}</dt>
          <dd>{fact}</dd>
        </div>
      ))}
    </dl>
  );
}
