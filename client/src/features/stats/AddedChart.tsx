import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { BarFigure, type BarModel, sum } from '@/shared/charts';
import { formatNumber } from '@/shared/i18n/format';

import { dayBars, runningTotal } from './dayBars';
import { todayOf } from './days';
import { daysAveraged, firstDay } from './period';
import type { SectionProps } from './StatsSections';

/** How many cards were added, day by day. */
export function AddedChart({ stats, period }: SectionProps) {
  const { t } = useTranslation('stats');
  const { added } = stats;
  const from = firstDay(period, added);
  const model = useMemo((): BarModel => {
    const bars = dayBars(added, { from, to: 0, today: todayOf(stats) });
    return {
      ...bars,
      barHeader: t('day'),
      series: [{ label: t('added.cards'), color: '--chart-new' }],
      extras: [runningTotal(t('runningTotal'), bars.bars, formatNumber)],
    };
  }, [added, from, stats, t]);
  const total = sum(model.bars.map(([cards = 0]) => cards));
  const average = total / daysAveraged(period, added);
  return (
    <BarFigure
      title={t('added.title')}
      summary={t('added.summary', {
        count: total,
        amount: formatNumber(total),
        perDay: formatNumber(average, { maximumFractionDigits: 1 }),
      })}
      model={model}
    />
  );
}
