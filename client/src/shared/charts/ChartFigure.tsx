import { type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';

import styles from './ChartFigure.module.css';
import { ChartTable } from './ChartTable';
import type { TableModel } from './model';

export interface ChartFigureProps {
  title: string;
  /** What it shows, in a sentence. */
  summary: string;
  /** What can be chosen about it. */
  controls?: ReactNode;
  /** A few numbers about all of it. */
  facts?: readonly (readonly [name: string, value: string])[];
  /** The numbers behind it; made when somebody wants to see them. */
  table?: () => TableModel;
  /** Over the whole width of the page. */
  wide?: boolean;
  children?: ReactNode;
}

/** A chart with its heading, a sentence about it, and the same as a table. */
export function ChartFigure(props: ChartFigureProps) {
  const { title, summary, controls, facts, table, wide = false, children } = props;
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      className={wide ? `${styles.figure ?? ''} ${styles.wide ?? ''}` : styles.figure}
    >
      <h2 id={id} className={styles.title}>
        {title}
      </h2>
      <p className={styles.summary}>{summary}</p>
      {controls}
      {children}
      {facts && (
        <dl className={styles.facts}>
          {facts.map(([name, value]) => (
            <div key={name} className={styles.fact}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {table && <AsTable title={title} table={table} />}
    </section>
  );
}

function AsTable({ title, table }: { title: string; table: () => TableModel }) {
  const { t } = useTranslation('charts');
  const [open, setOpen] = useState(false);
  return (
    <details className={styles.details} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className={styles.asTable}>
        {t('asTable')}
        <span className="visually-hidden">: {title}</span>
      </summary>
      {open && <ChartTable title={title} {...table()} />}
    </details>
  );
}
