import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { notetypesQuery } from '@/shared/data/notetypes';
import { formatNumber } from '@/shared/i18n/format';
import { Icon } from '@/shared/ui';

import type { CardRow } from './api';
import styles from './cells.module.css';
import { dueText, easeText, intervalText, mediaWords, shortDate, stateOf } from './cellText';
import type { ColumnName } from './columns';
import { excerpt } from './excerpt';

/** What stands in one cell. */
export function Cell({ card, column }: { card: CardRow; column: ColumnName }): ReactNode {
  switch (column) {
    case 'front':
      return <FrontText card={card} />;
    case 'back':
      return <Excerpt html={card.back} />;
    case 'deck':
      return <span title={card.deck_name}>{card.deck_name}</span>;
    case 'state':
      return <StateSign card={card} />;
    case 'due':
      return dueText(card);
    case 'interval':
      return intervalText(card.interval_days);
    case 'ease':
      return easeText(card.ease);
    case 'reps':
    case 'lapses':
      return formatNumber(card[column]);
    case 'flag':
      return <FlagSign flag={card.flag} />;
    case 'tags':
      return <span title={card.tags.join(' ')}>{card.tags.join(' ')}</span>;
    case 'notetype':
      return <NotetypeName id={card.notetype_id} />;
    case 'created':
      return shortDate(card.id);
    case 'modified':
      return shortDate(card.modified_at);
  }
}

/** The front, with a star before it where the note is marked. */
export function FrontText({ card }: { card: CardRow }) {
  const { t } = useTranslation('browse');
  return (
    <>
      {card.marked && (
        <span className={styles.star} title={t('filter.marked')}>
          <Icon name="star" filled />
          <span className="visually-hidden">{t('filter.marked')}: </span>
        </span>
      )}
      <Excerpt html={card.front} />
    </>
  );
}

export function Excerpt({ html }: { html: string }) {
  const { t } = useTranslation('browse');
  const text = useMemo(() => excerpt(html, mediaWords(t)), [html, t]);
  return text === '' ? <span className={styles.empty}>{t('emptyField')}</span> : text;
}

export function StateSign({ card }: { card: CardRow }) {
  const { t } = useTranslation('browse');
  const state = stateOf(card);
  return <span className={styles[state]}>{t(`states.${state}`)}</span>;
}

export function FlagSign({ flag }: { flag: number }) {
  const { t } = useTranslation('browse');
  if (flag === 0) return null;
  return (
    <span className={styles.flag} title={t(`flags.${flag}`)}>
      <span className={styles[`flag${flag}`]}>
        <Icon name="flag" filled />
      </span>
      <span>{t(`flags.${flag}`)}</span>
    </span>
  );
}

function NotetypeName({ id }: { id: number }) {
  const { data = [] } = useQuery(notetypesQuery);
  return data.find((notetype) => notetype.id === id)?.name ?? '';
}
