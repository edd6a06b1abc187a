import styles from './ProgressBar.module.css';

interface ProgressBarProps {
  label: string;
  done: number;
  /** Zero: nobody knows how much there is. */
  total: number;
}

export function ProgressBar({ label, done, total }: ProgressBarProps) {
  const known = total > 0;
  return (
    <div className={styles.root}>
      <progress
        className={styles.bar}
        aria-label={label}
        {...(known ? { value: Math.min(done, total), max: total } : {})}
      />
      <span className={styles.label}>{label}</span>
    </div>
  );
}
