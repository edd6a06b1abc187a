/** How long a card was looked at: time while nobody sees the page does not count. */
export interface Stopwatch {
  restart: () => void;
  pause: () => void;
  resume: () => void;
  elapsedMs: () => number;
}

export function makeStopwatch(now: () => number = () => performance.now()): Stopwatch {
  let before = 0;
  let since: number | null = now();
  const elapsedMs = () => Math.round(before + (since === null ? 0 : now() - since));
  return {
    elapsedMs,
    restart: () => {
      before = 0;
      if (since !== null) since = now();
    },
    pause: () => {
      before = elapsedMs();
      since = null;
    },
    resume: () => {
      since ??= now();
    },
  };
}
