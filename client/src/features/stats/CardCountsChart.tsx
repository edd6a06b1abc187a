import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ChartFigure, ShareBar, sum } from '@/shared/charts';
import { formatNumber } from '@/shared/i18n/format';
import { Checkbox } from '@/shared/ui';

import type { Stats } from './api';
import { INACTIVE, STATES } from './kinds';

/** How many cards are in which state. */
export function CardCountsChart({ stats }: { stats: Stats }) {
  const { t } = useTranslation('stats');
  const [apart, setApart] = useState(true);
  const { including_inactive: including, excluding_inactive: excluding } = stats.card_counts;
  const parts = [
    ...STATES.map((state) => ({ ...state, value: (apart ? excluding : including)[state.name] })),
    ...(apart ? INACTIVE.map((state) => ({ ...state, value: excluding[state.name] })) : []),
  ].map(({ name, color, value }) => ({ label: t(`states.${name}`), color, value }));
  const total = sum(parts.map(({ value }) => value));
  return (
    <ChartFigure
      title={t('cardCounts.title')}
      summary={t('cardCounts.summary', {
        count: total,
        amount: formatNumber(total),
        fresh: formatNumber(apart ? excluding.new : including.new),
      })}
      controls={
        <Checkbox checked={apart} onChange={setApart}>
          {t('cardCounts.apart')}
        </Checkbox>
      }
    >
      <ShareBar
        parts={parts}
        headers={{
          name: t('cardCounts.state'),
          value: t('cardCounts.cards'),
          share: t('cardCounts.share'),
          total: t('total'),
        }}
      />
    </ChartFigure>
  );
}
