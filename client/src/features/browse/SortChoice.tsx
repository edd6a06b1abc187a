import { useTranslation } from 'react-i18next';

import { Button, Select } from '@/shared/ui';

import { SORTS } from './columns';
import type { GoTo, Place } from './place';
import styles from './SortChoice.module.css';

interface SortChoiceProps {
  place: Place;
  goTo: GoTo;
}

/** The order of the list, where there are no headings to click. */
export function SortChoice({ place: { sort, descending }, goTo }: SortChoiceProps) {
  const { t } = useTranslation('browse');
  return (
    <div className={styles.choice}>
      <Select
        label={t('sort.by')}
        hideLabel
        value={sort}
        options={SORTS.map((value) => ({ value, label: t(`sort.${value}`) }))}
        onChange={(value) => {
          const chosen = SORTS.find((one) => one === value);
          if (chosen) goTo({ sort: chosen, page: 1 });
        }}
      />
      <Button
        icon="chevron"
        iconOnly
        aria-pressed={descending}
        onClick={() => goTo({ descending: !descending, page: 1 })}
      >
        {t('sort.descending')}
      </Button>
    </div>
  );
}
