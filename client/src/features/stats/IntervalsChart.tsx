import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { BarFigure, type BarModel, sum } from '@/shared/charts';
import { formatNumber } from '@/shared/i18n/format';
import { Select } from '@/shared/ui';

import type { Stats } from './api';
import { INTERVAL_RANGES, type IntervalRange, longestShown, median } from './intervals';
import { numberBars } from './numberBars';
import styles from './StatsPage.module.css';

/** How long the cards wait between reviews. */
export function IntervalsChart({ stats }: { stats: Stats }) {
  const { t } = useTranslation('stats');
  const [range, setRange] = useState<IntervalRange>('most');
  const { intervals } = stats;
  const days = (count: number) => t('days', { count, amount: formatNumber(count) });
  const longest = longestShown(intervals, range);
  const model = useMemo(
    (): BarModel => ({
      ...numberBars(intervals, { from: 0, to: longest, format: formatNumber }),
      barHeader: t('intervals.interval'),
      series: [{ label: t('intervals.cards'), color: '--chart-plain' }],
    }),
    [intervals, longest, t],
  );
  const total = sum(intervals.map(([, cards]) => cards));
  return (
    <BarFigure
      title={t('intervals.title')}
      summary={
        total ? t('intervals.summary', { interval: days(median(intervals)) }) : t('noReviewCards')
      }
      controls={
        total > 0 && (
          <div className={styles.narrowSelect}>
            <Select
              label={t('intervals.show')}
              value={range}
              options={INTERVAL_RANGES.map((value) => ({
                value,
                label: t(`intervals.ranges.${value}`),
              }))}
              onChange={(value) => setRange(value as IntervalRange)}
            />
          </div>
        )
      }
      model={model}
    />
  );
}
