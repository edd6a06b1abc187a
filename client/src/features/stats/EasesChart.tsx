import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { BarFigure, type BarModel } from '@/shared/charts';
import { formatPercent } from '@/shared/i18n/format';

import type { Stats } from './api';
import { numberBars } from './numberBars';

const MAX_BINS = 30;
/** What is shown at least: from Anki's lowest ease to its first one and as far beyond. */
const LOWEST = 130;
const HIGHEST = 300;

/** How easy the cards are: the larger, the faster their intervals grow. */
export function EasesChart({ stats }: { stats: Stats }) {
  const { t } = useTranslation('stats');
  const { eases, average } = stats.eases;
  const model = useMemo((): BarModel => {
    const from = Math.min(LOWEST, eases[0]?.[0] ?? LOWEST);
    const to = Math.max(HIGHEST, eases.at(-1)?.[0] ?? HIGHEST);
    return {
      ...numberBars(eases, { from, to, format: easeText, maxBins: MAX_BINS }),
      barHeader: t('eases.ease'),
      series: [{ label: t('eases.cards'), color: '--chart-plain' }],
    };
  }, [eases, t]);
  return (
    <BarFigure
      title={t('eases.title')}
      summary={eases.length ? t('eases.summary', { ease: easeText(average) }) : t('noReviewCards')}
      model={model}
    />
  );
}

function easeText(percent: number): string {
  return formatPercent(percent / 100, 0);
}
