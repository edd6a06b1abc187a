/** Steps as Anki writes them: "1m 10m 1d". The service counts in minutes. */

const MINUTES = { s: 1 / 60, m: 1, h: 60, d: 1440 } as const;
const STEP = /^(\d+(?:[.,]\d+)?)([smhd]?)$/i;

/** The minutes of each step; null where a piece is none. A number without a unit is minutes. */
export function parseSteps(text: string): number[] | null {
  const steps = text.split(/\s+/).filter(Boolean).map(parseStep);
  return steps.every((step) => step !== null) ? steps : null;
}

export function formatSteps(minutes: readonly number[]): string {
  return minutes.map(formatStep).join(' ');
}

function parseStep(text: string): number | null {
  const [, amount, unit] = STEP.exec(text) ?? [];
  if (amount === undefined) return null;
  const minutes = Number(amount.replace(',', '.')) * MINUTES[unitOf(unit)];
  return minutes > 0 ? minutes : null;
}

function unitOf(letter = ''): keyof typeof MINUTES {
  const unit = letter.toLowerCase();
  return unit === 's' || unit === 'h' || unit === 'd' ? unit : 'm';
}

/** In the largest unit that leaves a whole number. */
function formatStep(minutes: number): string {
  const seconds = Math.round(minutes * 60);
  for (const unit of ['d', 'h', 'm'] as const) {
    const size = MINUTES[unit] * 60;
    if (seconds >= size && seconds % size === 0) return `${seconds / size}${unit}`;
  }
  return `${seconds}s`;
}
