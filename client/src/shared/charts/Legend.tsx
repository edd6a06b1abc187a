import styles from './Chart.module.css';
import type { Series } from './model';

interface LegendProps {
  /** From the foot of the bars up, or from left to right. */
  series: readonly Series[];
  line?: string | undefined;
}

/** Which colour is what, in the order of the pieces. */
export function Legend({ series, line }: LegendProps) {
  return (
    <ul className={styles.legend}>
      {series.map(({ label, color }) => (
        <li key={label} className={styles.legendItem}>
          <Swatch color={color} />
          {label}
        </li>
      ))}
      {line !== undefined && (
        <li className={styles.legendItem}>
          <span className={styles.lineSwatch} aria-hidden="true" />
          {line}
        </li>
      )}
    </ul>
  );
}

export function Swatch({ color }: { color: string }) {
  return (
    <span className={styles.swatch} style={{ background: `var(${color})` }} aria-hidden="true" />
  );
}
