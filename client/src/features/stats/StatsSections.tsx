import { useTranslation } from 'react-i18next';

import { Button, EmptyState, LinkButton, Notice } from '@/shared/ui';

import { AddedChart } from './AddedChart';
import type { Stats } from './api';
import { ButtonsChart } from './ButtonsChart';
import { CalendarChart } from './CalendarChart';
import { CardCountsChart } from './CardCountsChart';
import { EasesChart } from './EasesChart';
import { FutureDueChart } from './FutureDueChart';
import { HoursChart } from './HoursChart';
import { IntervalsChart } from './IntervalsChart';
import { type Period, hasAnswers, isEmptyPeriod } from './period';
import { RetentionTable } from './RetentionTable';
import { ReviewsChart, ReviewTimeChart } from './ReviewsChart';
import styles from './StatsPage.module.css';
import { TodayFigures } from './TodayFigures';

export interface SectionProps {
  stats: Stats;
  period: Period;
}

interface StatsSectionsProps extends SectionProps {
  deckId: number | null;
  /** Show all there is, whenever it was. */
  onAll: () => void;
}

/** Everything there is to see; where nothing was ever answered, the cards alone. */
export function StatsSections(props: StatsSectionsProps) {
  const { stats, period, deckId, onAll } = props;
  if (!hasAnswers(stats)) return <WithoutAnswers {...props} />;
  return (
    <div className={styles.grid}>
      {isEmptyPeriod(stats, period) && <EmptyPeriod onAll={onAll} />}
      <TodayFigures stats={stats} />
      <CalendarChart key={deckId} stats={stats} deckId={deckId} />
      <FutureDueChart stats={stats} period={period} />
      <ReviewsChart stats={stats} period={period} />
      <ReviewTimeChart stats={stats} period={period} />
      <CardCountsChart stats={stats} />
      <RetentionTable stats={stats} period={period} />
      <ButtonsChart stats={stats} />
      <HoursChart stats={stats} />
      <IntervalsChart stats={stats} />
      <EasesChart stats={stats} />
      <AddedChart stats={stats} period={period} />
    </div>
  );
}

/** Somebody who comes back after a while, or has brought an old collection, is told where it is. */
function EmptyPeriod({ onAll }: Pick<StatsSectionsProps, 'onAll'>) {
  const { t } = useTranslation('stats');
  return (
    <div className={styles.older}>
      <Notice action={<Button onClick={onAll}>{t('showAll')}</Button>}>{t('emptyPeriod')}</Notice>
    </div>
  );
}

function WithoutAnswers({ stats, period, deckId }: SectionProps & { deckId: number | null }) {
  const { t } = useTranslation('stats');
  const hasCards = stats.added.length > 0;
  return (
    <div className={styles.grid}>
      <div className={styles.empty}>
        <EmptyState
          icon="stats"
          title={t('empty.title')}
          action={
            <LinkButton kind="primary" to={deckId === null ? '/' : `/decks/${deckId}`}>
              {t(deckId === null ? 'empty.toDecks' : 'empty.toDeck')}
            </LinkButton>
          }
        >
          <p>{t(deckId === null ? 'empty.text' : 'empty.ofDeck')}</p>
        </EmptyState>
      </div>
      {hasCards && <CardCountsChart stats={stats} />}
      {hasCards && <AddedChart stats={stats} period={period} />}
    </div>
  );
}
