import { useTranslation } from 'react-i18next';

import { formatNumber } from '@/shared/i18n/format';
import type { Counts as Numbers } from '@/shared/outbox/outbox';

import styles from './Counts.module.css';

const KINDS = ['new', 'learn', 'review'] as const;

interface CountsProps {
  counts: Numbers;
  /** What the card is that is shown. */
  current: keyof Numbers | null;
}

/** How many cards are left of each kind; the kind of this one is underlined. */
export function Counts({ counts, current }: CountsProps) {
  const { t } = useTranslation('study');
  return (
    <ul className={styles.counts} aria-label={t('left')}>
      {KINDS.map((kind) => (
        <li
          key={kind}
          className={styles[kind]}
          aria-current={kind === current ? 'true' : undefined}
          title={t(`kinds.${kind}`)}
        >
          {formatNumber(counts[kind])}
          <span className="visually-hidden"> {t(`kinds.${kind}`)}</span>
        </li>
      ))}
    </ul>
  );
}
