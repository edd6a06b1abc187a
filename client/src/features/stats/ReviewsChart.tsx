import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { BarFigure, type BarModel, type Row, sum, timeAxis } from '@/shared/charts';
import { formatNumber } from '@/shared/i18n/format';

import { dayBars, runningTotal } from './dayBars';
import { todayOf } from './days';
import { KINDS } from './kinds';
import { type Period, daysAveraged, firstDay } from './period';
import type { SectionProps } from './StatsSections';
import { studyTime } from './studyTime';

/** How many cards were answered, day by day and kind by kind. */
export function ReviewsChart({ stats, period }: SectionProps) {
  const { t } = useTranslation('stats');
  const rows = stats.reviews.count;
  const bars = useKindBars(rows, stats, period);
  const model = useMemo(
    (): BarModel => ({
      ...bars,
      total: t('total'),
      extras: [runningTotal(t('runningTotal'), bars.bars, formatNumber)],
    }),
    [bars, t],
  );
  const { total, average, studied, days } = amounts(rows, period);
  const perDay = formatNumber(average, { maximumFractionDigits: average < 10 ? 1 : 0 });
  return (
    <BarFigure
      title={t('reviewsTitle')}
      summary={total ? t('reviewsChart.summary', { perDay }) : t('nothingInPeriod')}
      facts={[
        [t('total'), t('reviews', { count: total, amount: formatNumber(total) })],
        [t('daysStudied'), t('of', { part: formatNumber(studied), whole: formatNumber(days) })],
        [t('perDayStudied'), formatNumber(studied && Math.round(total / studied))],
      ]}
      model={model}
    />
  );
}

/** How long answering took, day by day and kind by kind. */
export function ReviewTimeChart({ stats, period }: SectionProps) {
  const { t } = useTranslation('stats');
  const rows = useMemo(() => inSeconds(stats.reviews.time_ms), [stats]);
  const bars = useKindBars(rows, stats, period);
  const model = useMemo(
    (): BarModel => ({
      ...bars,
      total: t('total'),
      format: studyTime,
      axisFor: timeAxis,
      extras: [runningTotal(t('runningTotal'), bars.bars, studyTime)],
    }),
    [bars, t],
  );
  const { total, average, studied } = amounts(rows, period);
  const cards = amounts(stats.reviews.count, period).total;
  return (
    <BarFigure
      title={t('timeChart.title')}
      summary={
        total
          ? t('timeChart.summary', { perDay: studyTime(average, 'long') })
          : t('nothingInPeriod')
      }
      facts={[
        [t('total'), studyTime(total)],
        [t('perDayStudied'), studyTime(studied && total / studied)],
        [t('timeChart.perCard'), studyTime(cards && total / cards)],
      ]}
      model={model}
    />
  );
}

function useKindBars(rows: readonly Row[], stats: SectionProps['stats'], period: Period) {
  const { t } = useTranslation('stats');
  return useMemo(() => {
    const span = {
      from: firstDay(period, rows),
      to: 0,
      today: todayOf(stats),
      width: KINDS.length,
    };
    return {
      ...dayBars(rows, span),
      barHeader: t('day'),
      series: KINDS.map(({ name, color }) => ({ label: t(`kinds.${name}`), color })),
    };
  }, [rows, stats, period, t]);
}

function inSeconds(rows: readonly Row[]): Row[] {
  return rows.map(([day, ...times]) => [day, ...times.map((ms) => ms / 1000)] as const);
}

/** Up to today; a wrong clock may have made some that are dated later. */
function amounts(rows: readonly Row[], period: Period) {
  const first = firstDay(period, rows);
  const past = rows.filter(([day]) => day >= first && day <= 0);
  const total = sum(past.map(([, ...values]) => sum(values)));
  const days = daysAveraged(period, rows);
  return { total, average: total / days, studied: past.length, days };
}
