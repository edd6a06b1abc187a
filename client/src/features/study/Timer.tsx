import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import styles from './StudyHead.module.css';

const TICK_MS = 500;

interface TimerProps {
  elapsedMs: () => number;
  maxMs: number;
}

/** How long this card has been looked at; it stops where more time does not count. */
export function Timer({ elapsedMs, maxMs }: TimerProps) {
  const { t } = useTranslation('study');
  const [takenMs, setTakenMs] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTakenMs(elapsedMs()), TICK_MS);
    return () => clearInterval(timer);
  }, [elapsedMs]);
  const isOver = takenMs >= maxMs;
  return (
    <span
      role="timer"
      aria-label={t('timer')}
      title={t('timer')}
      className={isOver ? styles.over : styles.timer}
    >
      {asClock(Math.min(takenMs, maxMs))}
    </span>
  );
}

function asClock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
