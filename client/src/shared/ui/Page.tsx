import { type ReactNode, useEffect, useRef } from 'react';

import { LinkButton } from './Button';
import styles from './Page.module.css';

interface PageProps {
  title: string;
  /** Shown beside the title. */
  actions?: ReactNode;
  /** Where the arrow before the title leads, and what that place is called. */
  back?: { to: string; label: string } | undefined;
  wide?: boolean;
  /** For one form: a column in the middle. */
  narrow?: boolean;
  children: ReactNode;
}

/**
 * A page with its heading, which takes the focus when the person comes here, unless something in
 * the page has taken it.
 */
export function Page({ title, actions, back, wide, narrow, children }: PageProps) {
  const page = useRef<HTMLDivElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!page.current?.contains(document.activeElement)) heading.current?.focus();
  }, []);
  const width = wide ? styles.wide : narrow ? styles.narrow : styles.page;
  return (
    <div ref={page} className={width}>
      <title>{`${title} · JAVUMBO`}</title>
      <header className={styles.head}>
        {back && (
          <LinkButton kind="quiet" icon="back" iconOnly to={back.to}>
            {back.label}
          </LinkButton>
        )}
        <h1 ref={heading} tabIndex={-1} className={styles.title}>
          {title}
        </h1>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}
