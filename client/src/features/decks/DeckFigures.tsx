import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import type { Deck } from '@/shared/data/decks';
import { formatDuration, formatNumber, formatPercent } from '@/shared/i18n/format';

import { todayQuery, type Today } from './api';
import styles from './DeckPage.module.css';

const NOT_KNOWN = '–';

/** What is left for today, and what was done. */
export function DeckFigures({ deck }: { deck: Deck }) {
  const { t } = useTranslation('decks');
  const { data: today } = useQuery(todayQuery(deck.id));
  const figures = [
    ['new', t('counts.new'), formatNumber(deck.counts.new)],
    ['learn', t('counts.learn'), formatNumber(deck.counts.learn)],
    ['review', t('counts.review'), formatNumber(deck.counts.review)],
    ['plain', t('figures.total'), formatNumber(deck.total_cards)],
    ['plain', t('figures.answers'), today ? formatNumber(today.answer_count) : NOT_KNOWN],
    ['plain', t('figures.time'), today ? formatDuration(today.answer_ms / 1000) : NOT_KNOWN],
    ['plain', t('figures.correct'), today ? correctShare(today) : NOT_KNOWN],
  ] as const;
  return (
    <dl className={styles.figures}>
      {figures.map(([kind, name, value]) => (
        <div key={name} className={styles.figure}>
          <dt>{name}</dt>
          <dd className={styles[kind]}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function correctShare({ answer_count, correct_count }: Today): string {
  return answer_count ? formatPercent(correct_count / answer_count, 0) : NOT_KNOWN;
}
