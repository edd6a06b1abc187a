import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { BarFigure, type BarModel, sum } from '@/shared/charts';
import { formatNumber } from '@/shared/i18n/format';
import { Checkbox } from '@/shared/ui';

import { dayBars, runningTotal } from './dayBars';
import { todayOf } from './days';
import { lastDay } from './period';
import type { SectionProps } from './StatsSections';

/** How many cards will be due; with the backlog also those that should have been studied. */
export function FutureDueChart({ stats, period }: SectionProps) {
  const { t } = useTranslation('stats');
  const [backlog, setBacklog] = useState(true);
  const { due, have_backlog: hasBacklog, daily_load: load, backlog: overdue } = stats.future_due;
  const from = hasBacklog && backlog ? (due[0]?.[0] ?? 0) : 0;
  const to = lastDay(period, due);
  const model = useMemo((): BarModel => {
    const bars = dayBars(due, { from, to, today: todayOf(stats) });
    return {
      ...bars,
      startAt: 'first',
      barHeader: t('day'),
      series: [{ label: t('futureDue.cards'), color: '--chart-plain' }],
      extras: [runningTotal(t('runningTotal'), bars.bars, formatNumber)],
    };
  }, [due, from, to, stats, t]);
  const coming = sum(due.filter(([day]) => day >= 0 && day <= to).map(([, cards]) => cards));
  const tomorrow = due.find(([day]) => day === 1)?.[1] ?? 0;
  const total = coming + (from < 0 ? overdue : 0);
  return (
    <BarFigure
      title={t('futureDue.title')}
      summary={t('futureDue.summary', {
        count: coming,
        amount: formatNumber(coming),
        days: formatNumber(to),
      })}
      controls={
        hasBacklog && (
          <Checkbox checked={backlog} onChange={setBacklog}>
            {t('futureDue.backlog', { count: overdue, amount: formatNumber(overdue) })}
          </Checkbox>
        )
      }
      facts={[
        [t('total'), formatNumber(total)],
        [t('futureDue.tomorrow'), formatNumber(tomorrow)],
        [t('futureDue.load'), t('futureDue.perDay', { count: load, amount: formatNumber(load) })],
      ]}
      model={model}
    />
  );
}
