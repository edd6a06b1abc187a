/** Plays one sound after another; at most one at a time. */
export interface Player {
  play: (addresses: readonly string[]) => void;
  stop: () => void;
}

export function makePlayer(make: () => HTMLAudioElement = () => new Audio()): Player {
  let audio: HTMLAudioElement | null = null;
  let waiting: string[] = [];

  const next = () => {
    const address = waiting.shift();
    if (address === undefined) return;
    audio ??= make();
    audio.src = address;
    // A browser that allows no sound before something was pressed, or a file that is missing.
    audio.play().catch(() => undefined);
  };
  const stop = () => {
    waiting = [];
    audio?.pause();
  };
  return {
    stop,
    play: (addresses) => {
      stop();
      waiting = [...addresses];
      audio ??= make();
      audio.onended = audio.onerror = next;
      next();
    },
  };
}

/** Have sounds in the browser's cache before they are played. */
export function fetchAhead(addresses: readonly string[]): void {
  for (const address of addresses) {
    const audio = new Audio();
    audio.preload = 'auto';
    audio.src = address;
  }
}
