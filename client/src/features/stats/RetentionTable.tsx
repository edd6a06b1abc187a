import { useTranslation } from 'react-i18next';

import { ChartFigure, formatShare, shareOf } from '@/shared/charts';
import { formatNumber } from '@/shared/i18n/format';

import type { Passed } from './api';
import type { SectionProps } from './StatsSections';
import styles from './StatsPage.module.css';

const WINDOWS = ['today', 'yesterday', 'week', 'month', 'year', 'all_time'] as const;
const COLUMNS = ['young', 'mature', 'all'] as const;

/** How many of the cards that came up again were remembered. */
export function RetentionTable({ stats, period }: SectionProps) {
  const { t } = useTranslation('stats');
  // The other periods are windows that there are anyway.
  const windows: { name: string; label: string }[] = WINDOWS.map((name) => ({
    name,
    label: t(`windows.${name}`),
  }));
  if (period === 'three_months') {
    windows.splice(4, 0, { name: 'period', label: t('windows.three_months') });
  }
  const all = stats.retention['period']?.all ?? { passed: 0, failed: 0 };
  const share = shareOf(all.passed, all.passed + all.failed);
  return (
    <ChartFigure
      title={t('retention.title')}
      summary={
        share === null
          ? t('retention.nothing')
          : t('retention.summary', { share: formatShare(share) })
      }
    >
      <div className={styles.scroll}>
        <table className={styles.retention}>
          <thead>
            <tr>
              <th scope="col">{t('period')}</th>
              {COLUMNS.map((column) => (
                <th key={column} scope="col">
                  {t(`retention.${column}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {windows.map(({ name, label }) => (
              <tr key={name}>
                <th scope="row">{label}</th>
                {COLUMNS.map((column) => (
                  <PassedCell key={column} passed={stats.retention[name]?.[column]} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </ChartFigure>
  );
}

function PassedCell({ passed }: { passed: Passed | undefined }) {
  const { t } = useTranslation('stats');
  const whole = passed ? passed.passed + passed.failed : 0;
  if (!passed || whole === 0) return <td>{formatShare(null)}</td>;
  return (
    <td>
      <span className={styles.share}>{formatShare(shareOf(passed.passed, whole))}</span>
      <span className={styles.of}>
        {t('of', { part: formatNumber(passed.passed), whole: formatNumber(whole) })}
      </span>
    </td>
  );
}
