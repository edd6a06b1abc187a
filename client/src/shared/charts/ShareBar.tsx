import { formatNumber } from '@/shared/i18n/format';

import { sum } from './bins';
import styles from './Chart.module.css';
import { Swatch } from './Legend';
import { type Series, formatShare } from './model';
import { shareOf } from './scale';

interface ShareBarProps {
  parts: readonly (Series & { value: number })[];
  /** What the columns are called, and what all parts together are. */
  headers: { name: string; value: string; share: string; total: string };
}

/** Parts of a whole: one bar of them, and the table that is its legend. */
export function ShareBar({ parts, headers }: ShareBarProps) {
  const whole = sum(parts.map(({ value }) => value));
  return (
    <>
      <div className={styles.shares} aria-hidden="true">
        {parts
          .filter(({ value }) => value > 0)
          .map(({ label, color, value }) => (
            <div
              key={label}
              className={styles.share}
              style={{ flexGrow: value, background: `var(${color})` }}
            />
          ))}
      </div>
      <table className={styles.shareTable}>
        <thead>
          <tr>
            <th scope="col">{headers.name}</th>
            <th scope="col">{headers.value}</th>
            <th scope="col">{headers.share}</th>
          </tr>
        </thead>
        <tbody>
          {parts.map(({ label, color, value }) => (
            <tr key={label}>
              <th scope="row">
                <span className={styles.shareName}>
                  <Swatch color={color} />
                  {label}
                </span>
              </th>
              <td>{formatNumber(value)}</td>
              <td>{formatShare(shareOf(value, whole))}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{headers.total}</th>
            <td>{formatNumber(whole)}</td>
            <td />
          </tr>
        </tfoot>
      </table>
    </>
  );
}
