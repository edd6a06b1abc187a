import type { ReactNode } from 'react';

import { Icon } from './Icon';
import styles from './Notice.module.css';

interface NoticeProps {
  kind?: 'info' | 'warning' | 'error' | 'success';
  title?: string;
  children?: ReactNode;
  action?: ReactNode;
}

const ICONS = { info: 'info', warning: 'warning', error: 'warning', success: 'check' } as const;

/** A message in the flow of the page. */
export function Notice({ kind = 'info', title, children, action }: NoticeProps) {
  return (
    <div
      className={`${styles.notice ?? ''} ${styles[kind] ?? ''}`}
      role={kind === 'error' ? 'alert' : undefined}
    >
      <Icon name={ICONS[kind]} />
      <div className={styles.body}>
        {title && <p className={styles.title}>{title}</p>}
        {children}
      </div>
      {action}
    </div>
  );
}
