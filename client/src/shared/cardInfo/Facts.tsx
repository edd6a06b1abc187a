import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';

import {
  formatDate,
  formatDateTime,
  formatDuration,
  formatNumber,
  formatPercent,
} from '@/shared/i18n/format';

import type { CardInfo } from './api';
import styles from './CardInfoDialog.module.css';

const DAY_S = 86_400;

/** The same as Anki's Card Info, in its order; what a card does not have yet is left out. */
export function Facts({ info }: { info: CardInfo }) {
  const { t } = useTranslation('cardInfo');
  return (
    <dl className={styles.facts}>
      {factsOf(info, t).map(([name, value]) => (
        <div key={name} className={styles.fact}>
          <dt>{t(`facts.${name}`)}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function factsOf(info: CardInfo, t: TFunction<'cardInfo'>): [string, string][] {
  const { first_review_at: first, latest_review_at: latest, due_at, due_position } = info;
  const onSteps = info.state === 'learning' || info.state === 'relearning';
  const facts: [string, string | null][] = [
    ['state', statesOf(info, t)],
    ['added', formatDate(info.added_at)],
    ['first', first === null ? null : formatDateTime(first)],
    ['latest', latest === null ? null : formatDateTime(latest)],
    ['due', due_at === null ? null : onSteps ? formatDateTime(due_at) : formatDate(due_at)],
    ['position', due_position === null ? null : formatNumber(due_position)],
    ['interval', info.interval_days > 0 ? formatDuration(info.interval_days * DAY_S) : null],
    ['ease', info.ease > 0 ? formatPercent(info.ease, 0) : null],
    ['reviews', formatNumber(info.reps)],
    ['lapses', formatNumber(info.lapses)],
    ['average', info.average_ms > 0 ? seconds(info.average_ms) : null],
    ['total', info.total_ms > 0 ? seconds(info.total_ms) : null],
    ['template', info.template || null],
    ['notetype', info.notetype],
    ['deck', info.deck_name.replaceAll('::', ' › ')],
    ['home', info.home_deck_name === info.deck_name ? null : info.home_deck_name],
    ['options', info.options_name || null],
    ['cardId', String(info.card_id)],
    ['noteId', String(info.note_id)],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== null);
}

function statesOf(info: CardInfo, t: TFunction<'cardInfo'>): string {
  const states = [t(`states.${info.state}`)];
  if (info.suspended) states.push(t('states.suspended'));
  if (info.buried) states.push(t('states.buried'));
  return states.join(', ');
}

const seconds = (ms: number) => formatDuration(ms / 1000);
