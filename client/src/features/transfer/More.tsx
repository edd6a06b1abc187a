import type { ReactNode } from 'react';

import { Icon } from '@/shared/ui';

import styles from './transfer.module.css';

/** What few people need, behind a click. */
export function More({ summary, children }: { summary: string; children: ReactNode }) {
  return (
    <details className={styles.more}>
      <summary>
        <Icon name="chevron" />
        {summary}
      </summary>
      {children}
    </details>
  );
}
