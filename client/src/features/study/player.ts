/** Plays one sound after another, at most one at a time: files by their addresses, and texts. */
import type { Speech } from '@/shared/cards/sounds';

import { speak } from './speak';

export type Playable = string | Speech;

export interface Player {
  play: (sounds: readonly Playable[]) => void;
  stop: () => void;
  isPlaying: () => boolean;
  subscribe: (listener: () => void) => () => void;
}

interface Means {
  make?: () => HTMLAudioElement;
  /** Where a file is that its address does not lead to; null for nowhere. */
  kept?: (address: string) => Promise<string | null>;
}

export function makePlayer(means: Means = {}): Player {
  const { make = () => new Audio(), kept = () => Promise.resolve(null) } = means;
  const listeners = new Set<() => void>();
  let audio: HTMLAudioElement | null = null;
  let waiting: Playable[] = [];
  let isPlaying = false;
  let stopSpeech: () => void = () => undefined;
  // What was begun before the last stop has nothing to say any more.
  let turn = 0;

  const setPlaying = (next: boolean) => {
    if (isPlaying === next) return;
    isPlaying = next;
    for (const listener of listeners) listener();
  };
  const next = () => {
    const sound = waiting.shift();
    if (sound === undefined) setPlaying(false);
    else if (typeof sound === 'string') begin(sound);
    else stopSpeech = speak(sound, following());
  };
  /** Goes on to the next one, if nothing else was begun meanwhile. */
  const following = (go: () => void = next) => {
    turn += 1;
    const ours = turn;
    return () => {
      if (ours === turn) go();
    };
  };
  const begin = (address: string, isKept = false) => {
    audio ??= make();
    audio.onended = following();
    const ours = turn;
    audio.onerror = () => {
      if (ours !== turn) return;
      if (isKept) next();
      else void kept(address).then((url) => ours === turn && (url ? begin(url, true) : next()));
    };
    audio.src = address;
    audio.play().catch((error: unknown) => {
      // A browser that allows no sound before something was pressed.
      const isForbidden = error instanceof DOMException && error.name === 'NotAllowedError';
      if (isForbidden && ours === turn) stop();
    });
  };
  const stop = () => {
    turn += 1;
    waiting = [];
    audio?.pause();
    stopSpeech();
    setPlaying(false);
  };
  return {
    stop,
    isPlaying: () => isPlaying,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    play: (sounds) => {
      stop();
      waiting = [...sounds];
      setPlaying(waiting.length > 0);
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
