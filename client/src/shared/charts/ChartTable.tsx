import { useTranslation } from 'react-i18next';

import styles from './ChartTable.module.css';
import type { TableModel } from './model';

/** Long ones can be scrolled, also by keyboard. */
export function ChartTable({ title, columns, rows }: TableModel & { title: string }) {
  const { t } = useTranslation('charts');
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label={t('tableOf', { title })}>
      <table className={styles.table}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, cells }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {cells.map((cell, index) => (
                <td key={columns[index + 1]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
