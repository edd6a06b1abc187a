import { useTranslation } from 'react-i18next';

import { Icon } from '@/shared/ui';

import styles from './CardTable.module.css';
import { type ColumnName, sortOf } from './columns';
import type { GoTo, Place } from './place';

interface HeadingsProps {
  columns: readonly ColumnName[];
  place: Place;
  goTo: GoTo;
  /** How much of this page is chosen. */
  share: 'none' | 'some' | 'all';
  onToggleAll: (all: boolean) => void;
}

/** The names of the columns; a click sorts by one, another one the other way round. */
export function Headings({ columns, place, goTo, share, onToggleAll }: HeadingsProps) {
  const { t } = useTranslation('browse');
  return (
    <thead>
      <tr aria-rowindex={1}>
        <th scope="col" className={styles.check}>
          <label className={styles.target}>
            <input
              type="checkbox"
              aria-label={t('select.page')}
              checked={share === 'all'}
              ref={(box) => {
                if (box) box.indeterminate = share === 'some';
              }}
              onChange={(event) => onToggleAll(event.target.checked)}
            />
          </label>
        </th>
        {columns.map((column) => (
          <Heading key={column} column={column} place={place} goTo={goTo} />
        ))}
      </tr>
    </thead>
  );
}

function Heading({ column, place, goTo }: { column: ColumnName; place: Place; goTo: GoTo }) {
  const { t } = useTranslation('browse');
  const sort = sortOf(column);
  const name = t(`column.${column}`);
  const className = styles[column];
  if (!sort) {
    return (
      <th scope="col" className={className}>
        <span className={styles.heading}>{name}</span>
      </th>
    );
  }
  const isSorted = place.sort === sort;
  const descending = isSorted && !place.descending;
  return (
    <th
      scope="col"
      className={className}
      aria-sort={isSorted ? (place.descending ? 'descending' : 'ascending') : undefined}
    >
      <button
        type="button"
        className={styles.heading}
        onClick={() => goTo({ sort, descending, page: 1 })}
      >
        <span>{name}</span>
        <span className={sortClass(isSorted, place.descending)}>
          <Icon name="chevron" />
        </span>
      </button>
    </th>
  );
}

function sortClass(isSorted: boolean, descending: boolean): string | undefined {
  if (!isSorted) return styles.unsorted;
  return descending ? styles.descending : styles.ascending;
}
