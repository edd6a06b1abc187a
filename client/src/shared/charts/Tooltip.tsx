import styles from './Chart.module.css';
import { Swatch } from './Legend';
import type { Line } from './model';

interface TooltipProps {
  title: string;
  lines: readonly Line[];
  /** Where the bar is, and how much room there is. */
  x: number;
  room: number;
  top?: number;
}

const DISTANCE = 10;

/** Beside what it is about, where there is more room. Screen readers are told by the chart itself. */
export function Tooltip({ title, lines, x, room, top = 0 }: TooltipProps) {
  const isLeft = x > room / 2;
  const side = isLeft ? { right: room - x + DISTANCE } : { left: x + DISTANCE };
  const maxWidth = (isLeft ? x : room - x) - DISTANCE;
  return (
    <div className={styles.tooltip} style={{ ...side, top, maxWidth }} aria-hidden="true">
      <p className={styles.tooltipTitle}>{title}</p>
      {lines.map(({ label, value, color }) => (
        <p key={label} className={styles.tooltipLine}>
          {label && (
            <span className={styles.legendItem}>
              {color && <Swatch color={color} />}
              {label}
            </span>
          )}
          <span>{value}</span>
        </p>
      ))}
    </div>
  );
}

/** The same for the ear. */
export function spoken(title: string, lines: readonly Line[]): string {
  const values = lines.map(({ label, value }) => (label ? `${label} ${value}` : value));
  return `${title}: ${values.join(', ')}`;
}
