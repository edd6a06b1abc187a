import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ChartFigure, HeatMap, type TableModel, firstWeekday, sum } from '@/shared/charts';
import { formatDate, formatNumber } from '@/shared/i18n/format';
import { Button, ErrorNotice } from '@/shared/ui';

import { type Stats, statsQuery } from './api';
import { type YearOfDays, firstYear, yearOfDays } from './calendarYears';
import { todayOf } from './days';
import styles from './StatsPage.module.css';

interface CalendarChartProps {
  stats: Stats;
  deckId: number | null;
}

/** A year of days; the years before are fetched when somebody goes there. */
export function CalendarChart({ stats, deckId }: CalendarChartProps) {
  const { t, i18n } = useTranslation('stats');
  const today = todayOf(stats);
  const thisYear = new Date(today).getUTCFullYear();
  const [chosen, setYear] = useState(thisYear);
  const year = Math.min(chosen, thisYear);
  const all = useQuery({
    ...statsQuery(deckId, 0),
    enabled: year < thisYear,
    placeholderData: keepPreviousData,
  });
  const shown = year < thisYear ? all.data : stats;
  const days = useMemo(() => yearOfDays(shown?.calendar ?? [], today, year), [shown, today, year]);
  const reviews = (count: number) => t('reviews', { count, amount: formatNumber(count) });
  return (
    <ChartFigure
      wide
      title={t('calendar.title')}
      summary={summaryOf(days, t)}
      controls={
        <YearSteps
          year={year}
          first={firstYear(all.data?.calendar, stats, today)}
          last={thisYear}
          onChange={setYear}
        />
      }
      table={() => tableOf(days, t)}
    >
      {all.isError && <ErrorNotice error={all.error} onRetry={() => void all.refetch()} />}
      <HeatMap
        label={`${t('calendar.title')} ${year}`}
        year={year}
        firstWeekday={firstWeekday(i18n.language, navigator.languages)}
        values={days.values}
        today={today}
        describe={reviews}
      />
    </ChartFigure>
  );
}

function summaryOf({ values, length }: YearOfDays, t: TFunction<'stats'>): string {
  const total = sum(values.values());
  if (total === 0) return t('calendar.nothing');
  return t('calendar.summary', {
    count: values.size,
    studied: formatNumber(values.size),
    days: formatNumber(length),
    total: formatNumber(total),
  });
}

function tableOf({ values }: YearOfDays, t: TFunction<'stats'>): TableModel {
  return {
    columns: [t('day'), t('reviewsTitle')],
    rows: [...values].map(([date, value]) => ({
      name: formatDate(date, { dateStyle: 'medium', timeZone: 'UTC' }),
      cells: [formatNumber(value)],
    })),
  };
}

interface YearStepsProps {
  year: number;
  first: number;
  last: number;
  onChange: (year: number) => void;
}

function YearSteps({ year, first, last, onChange }: YearStepsProps) {
  const { t } = useTranslation('stats');
  return (
    <div className={styles.years}>
      <Button
        kind="quiet"
        icon="back"
        iconOnly
        disabled={year <= first}
        onClick={() => onChange(year - 1)}
      >
        {t('calendar.before')}
      </Button>
      <span className={styles.year} aria-live="polite">
        {year}
      </span>
      <Button
        kind="quiet"
        icon="chevron"
        iconOnly
        disabled={year >= last}
        onClick={() => onChange(year + 1)}
      >
        {t('calendar.after')}
      </Button>
    </div>
  );
}
