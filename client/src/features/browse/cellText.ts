/** What the cells of a row say, as text. */
import type { TFunction } from 'i18next';

import { serviceNow } from '@/shared/api/clock';
import { formatDate, formatNumber, formatPercent, formatRelative } from '@/shared/i18n/format';

import type { CardRow } from './api';

const DAY_MS = 86_400_000;
const DAYS_IN_YEAR = 365;
const NONE = '–';

/** Narrow, and as wide in every language. */
const SHORT_DATE = { day: '2-digit', month: '2-digit', year: 'numeric' } as const;

export function shortDate(ms: number): string {
  return formatDate(ms, SHORT_DATE);
}

export function dueText(card: CardRow, dateText = shortDate): string {
  if (card.due_position !== null) return `#${formatNumber(card.due_position)}`;
  if (card.due_at === null) return NONE;
  const isSoon = Math.abs(card.due_at - serviceNow()) < DAY_MS;
  const isOnSteps = card.state === 'learning' || card.state === 'relearning';
  return isSoon && isOnSteps ? formatRelative(card.due_at, serviceNow()) : dateText(card.due_at);
}

export function intervalText(days: number): string {
  if (days <= 0) return NONE;
  const isLong = days > DAYS_IN_YEAR;
  return formatNumber(isLong ? days / DAYS_IN_YEAR : days, {
    style: 'unit',
    unit: isLong ? 'year' : 'day',
    unitDisplay: 'short',
    maximumFractionDigits: isLong ? 1 : 0,
  });
}

export function easeText(ease: number): string {
  return ease > 0 ? formatPercent(ease, 0) : NONE;
}

/** Being suspended or buried counts before what the card is else. */
export function stateOf(card: CardRow): string {
  if (card.suspended) return 'suspended';
  return card.buried ? 'buried' : card.state;
}

export function mediaWords(t: TFunction<'browse'>) {
  return { image: t('media.image'), sound: t('media.sound'), video: t('media.video') };
}
