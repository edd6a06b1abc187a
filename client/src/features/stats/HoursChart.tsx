import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { BarFigure, type BarModel, formatShare, shareOf } from '@/shared/charts';
import { formatDate } from '@/shared/i18n/format';

import type { Stats } from './api';

const HOUR_MS = 3_600_000;

/** At which hours of the day it was studied, and how well. */
export function HoursChart({ stats }: { stats: Stats }) {
  const { t } = useTranslation('stats');
  const hours = useMemo(() => stats.hours['period'] ?? [], [stats]);
  const model = useMemo(
    (): BarModel => ({
      bars: hours.map(([answers = 0]) => [answers]),
      series: [{ label: t('reviewsTitle'), color: '--chart-plain' }],
      line: {
        label: t('correct'),
        values: hours.map(([answers = 0, correct = 0]) => shareOf(correct, answers)),
      },
      barHeader: t('hours.hour'),
      labelOf: (hour) => `${hourText(hour)} – ${hourText(hour + 1)}`,
      tickOf: hourText,
    }),
    [hours, t],
  );
  const best = busiest(hours);
  return (
    <BarFigure
      title={t('hours.title')}
      summary={
        best === null
          ? t('nothingInPeriod')
          : t('hours.summary', {
              hour: hourText(best),
              share: formatShare(model.line?.values[best] ?? null),
            })
      }
      model={model}
    />
  );
}

function hourText(hour: number): string {
  return formatDate(hour * HOUR_MS, { timeStyle: 'short', timeZone: 'UTC' });
}

/** The hour with the most answers; null where there are none. */
function busiest(hours: readonly number[][]): number | null {
  const answers = hours.map(([count = 0]) => count);
  const most = Math.max(0, ...answers);
  return most > 0 ? answers.indexOf(most) : null;
}
