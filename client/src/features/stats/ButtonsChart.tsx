import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { BarFigure, type BarModel, formatShare, sum } from '@/shared/charts';

import type { Stats } from './api';
import { correctShare } from './correctShare';
import { BUTTONS } from './kinds';

const GROUPS = ['learning', 'young', 'mature'] as const;

/** Which button was chosen how often, and how many of the answers were correct. */
export function ButtonsChart({ stats }: { stats: Stats }) {
  const { t } = useTranslation('stats');
  const buttons = stats.buttons['period'];
  const bars = useMemo(
    () => GROUPS.map((group) => buttons?.[group] ?? BUTTONS.map(() => 0)),
    [buttons],
  );
  const model = useMemo((): BarModel => {
    const groups = GROUPS.map((group) => t(`buttons.${group}`));
    const shareText = (index: number) => formatShare(correctShare(bars[index]));
    return {
      bars,
      layout: 'grouped',
      series: BUTTONS.map(({ name, color }) => ({ label: t(`buttons.${name}`), color })),
      barHeader: t('buttons.group'),
      labelOf: (index) => groups[index] ?? '',
      tickOf: (index) => `${groups[index] ?? ''}\n${shareText(index)}`,
      extras: [{ label: t('correct'), valueOf: shareText }],
    };
  }, [bars, t]);
  const share = correctShare(BUTTONS.map((_, button) => sum(bars.map((bar) => bar[button] ?? 0))));
  return (
    <BarFigure
      title={t('buttons.title')}
      summary={
        share === null ? t('nothingInPeriod') : t('buttons.summary', { share: formatShare(share) })
      }
      model={model}
    />
  );
}
