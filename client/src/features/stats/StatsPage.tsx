import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';

import { ErrorNotice, Page, Select, Spinner } from '@/shared/ui';
import { DeckSelect } from '@/shared/data/DeckSelect';

import { statsQuery } from './api';
import { DAYS, PERIODS, deckFrom, periodFrom } from './period';
import { StatsSections } from './StatsSections';
import styles from './StatsPage.module.css';

const everyDeck = () => true;

export function Component() {
  const { t } = useTranslation('stats');
  const [query, setQuery] = useSearchParams();
  const deckId = deckFrom(query.get('deck'));
  const period = periodFrom(query.get('period'));
  const stats = useQuery({
    ...statsQuery(deckId, DAYS[period]),
    placeholderData: keepPreviousData,
  });
  const choose = (name: 'deck' | 'period', value: string | null) =>
    setQuery(changed(query, name, value), { replace: true, preventScrollReset: true });
  return (
    <Page wide title={t('title')}>
      <div className={styles.choices}>
        <DeckSelect
          value={deckId}
          none={t('allDecks')}
          filter={everyDeck}
          onChange={(id) => choose('deck', id === null ? null : String(id))}
        />
        <Select
          label={t('period')}
          value={period}
          options={PERIODS.map((value) => ({ value, label: t(`periods.${value}`) }))}
          onChange={(value) => choose('period', value)}
        />
      </div>
      {stats.isError && <ErrorNotice error={stats.error} onRetry={() => void stats.refetch()} />}
      {stats.isPending && <Spinner />}
      {stats.data && (
        <div aria-busy={stats.isPlaceholderData} className={styles.sections}>
          <StatsSections
            stats={stats.data}
            deckId={deckId}
            period={period}
            onAll={() => choose('period', 'all')}
          />
        </div>
      )}
    </Page>
  );
}

function changed(query: URLSearchParams, name: string, value: string | null) {
  const next = new URLSearchParams(query);
  if (value === null) next.delete(name);
  else next.set(name, value);
  return next;
}
