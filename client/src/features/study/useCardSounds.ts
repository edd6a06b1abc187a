import { useEffect, useState, useSyncExternalStore } from 'react';

import { mediaAddress } from '@/shared/cards/address';
import type { Sound } from '@/shared/cards/sounds';
import { keptMedia } from '@/shared/store/keptMedia';

import { soundsByThemselves, soundsToReplay } from './cardSounds';
import { type Playable, fetchAhead, makePlayer } from './player';
import type { Side, StudySession } from './session';

/** By then every browser has read a file that is played. */
const LENT_MS = 60_000;

/** Plays the sounds of what is shown, and has those of the next card ready. */
export function useCardSounds(username: string, session: StudySession | null) {
  const [player] = useState(() => makePlayer({ kept: (address) => keptSound(username, address) }));
  const isPlaying = useSyncExternalStore(player.subscribe, player.isPlaying);
  const [card, next] = session?.cards ?? [];
  const mediaUrl = session?.mediaUrl ?? '';
  const side: Side = session?.side ?? 'question';

  const addresses = (sounds: readonly Sound[]): Playable[] =>
    sounds.map((sound) => (typeof sound === 'string' ? mediaAddress(sound, mediaUrl) : sound));
  const own = card ? JSON.stringify(addresses(soundsByThemselves(card, side))) : '[]';
  const shown = `${card?.id ?? ''} ${card?.answer_token ?? ''} ${side}`;
  useEffect(() => {
    const sounds = JSON.parse(own) as Playable[];
    if (sounds.length > 0) player.play(sounds);
    else player.stop();
    // Once for each side that is shown: another address of the same file is no news.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [player, shown]);
  useEffect(() => () => player.stop(), [player]);

  const ahead = next
    ? JSON.stringify(
        addresses([...soundsToReplay(next, 'question'), ...soundsToReplay(next, 'answer')]).filter(
          (sound) => typeof sound === 'string',
        ),
      )
    : '[]';
  useEffect(() => fetchAhead([...new Set(JSON.parse(ahead) as string[])]), [ahead]);

  const replayed = card ? soundsToReplay(card, side) : [];
  return {
    hasSounds: replayed.length > 0,
    isPlaying,
    replay: () => player.play(addresses(replayed)),
    playOne: (sound: Sound | undefined) => {
      if (sound !== undefined) player.play(addresses([sound]));
    },
  };
}

async function keptSound(username: string, address: string): Promise<string | null> {
  const file = await keptMedia(username, address);
  if (!file) return null;
  const url = URL.createObjectURL(file);
  setTimeout(() => URL.revokeObjectURL(url), LENT_MS);
  return url;
}
