import { formatDuration, formatNumber } from '@/shared/i18n/format';

const HOUR = 3600;

/** Time spent, in seconds; never in days, which here would be of 24 hours of study. */
export function studyTime(seconds: number, unitDisplay: 'short' | 'long' = 'short'): string {
  if (seconds < HOUR) return formatDuration(seconds, unitDisplay);
  return formatNumber(seconds / HOUR, {
    style: 'unit',
    unit: 'hour',
    unitDisplay,
    maximumFractionDigits: 1,
  });
}
