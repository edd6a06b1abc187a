import { useTranslation } from 'react-i18next';

import { formatNumber } from '@/shared/i18n/format';
import { Button, Select } from '@/shared/ui';

import type { CardsPage } from './api';
import styles from './Pager.module.css';
import { type GoTo, PAGE_SIZES } from './place';

interface PagerProps {
  pagination: CardsPage['pagination'];
  goTo: GoTo;
}

/** Where in what was found one is, and the way to the other pages. */
export function Pager({
  pagination: { total, page, per_page: size, total_pages },
  goTo,
}: PagerProps) {
  const { t } = useTranslation('browse');
  const first = (page - 1) * size;
  const where = {
    from: formatNumber(Math.min(first + 1, total)),
    to: formatNumber(Math.min(first + size, total)),
    total: formatNumber(total),
  };
  return (
    <nav className={styles.pager} aria-label={t('pages.title')}>
      <p className={styles.where}>{first < total && t('pages.where', where)}</p>
      <Button
        icon="back"
        iconOnly
        disabled={page <= 1}
        onClick={() => goTo({ page: Math.min(page - 1, Math.max(1, total_pages)) })}
      >
        {t('pages.previous')}
      </Button>
      <Button
        icon="chevron"
        iconOnly
        disabled={page >= total_pages}
        onClick={() => goTo({ page: page + 1 })}
      >
        {t('pages.next')}
      </Button>
      <Select
        label={t('pages.size')}
        hideLabel
        value={String(size)}
        options={PAGE_SIZES.map((value) => ({
          value: String(value),
          label: t('pages.perPage', { count: value }),
        }))}
        onChange={(value) => goTo({ perPage: Number(value), page: 1 })}
      />
    </nav>
  );
}
