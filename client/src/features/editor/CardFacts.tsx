import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { LazyCardInfo } from '@/shared/cardInfo/LazyCardInfo';
import { serviceNow } from '@/shared/api/clock';
import {
  formatDate,
  formatDateTime,
  formatDuration,
  formatNumber,
  formatPercent,
  formatRelative,
} from '@/shared/i18n/format';
import { Button } from '@/shared/ui';

import type { Card } from './api';
import styles from './editor.module.css';

const DAY_S = 86_400;

/** What the scheduler knows of a card. */
export function CardFacts({ card }: { card: Card }) {
  const { t } = useTranslation('editor');
  const [hasInfo, setInfo] = useState(false);
  const facts: (readonly [string, string])[] = [
    [t('facts.state'), stateOf(card, t)],
    [t('facts.due'), dueOf(card)],
    [t('facts.interval'), card.interval_days ? formatDuration(card.interval_days * DAY_S) : '–'],
    [t('facts.ease'), card.ease ? formatPercent(card.ease, 0) : '–'],
    [t('facts.reps'), formatNumber(card.reps)],
    [t('facts.lapses'), formatNumber(card.lapses)],
    [t('facts.notetype'), card.notetype],
    [t('facts.added'), formatDate(card.note_id)],
    [t('facts.modified'), formatDateTime(card.modified_at)],
  ];
  return (
    <details className={styles.facts}>
      <summary>{t('facts.title')}</summary>
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Button icon="info" onClick={() => setInfo(true)}>
        {t('facts.more')}
      </Button>
      {hasInfo && <LazyCardInfo cardId={card.id} onClose={() => setInfo(false)} />}
    </details>
  );
}

function stateOf(card: Card, t: (key: string) => string): string {
  const states = [t(`state.${card.state}`)];
  if (card.suspended) states.push(t('state.suspended'));
  if (card.buried) states.push(t('state.buried'));
  return states.join(', ');
}

function dueOf(card: Card): string {
  if (card.due_at !== null) return formatRelative(card.due_at, serviceNow());
  return card.due_position === null ? '–' : `#${formatNumber(card.due_position)}`;
}
