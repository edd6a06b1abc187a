import { useEffect, useState } from 'react';

import { mediaAddress } from '@/shared/cards/address';

import { soundsByThemselves, soundsToReplay } from './cardSounds';
import { fetchAhead, makePlayer } from './player';
import type { Side, StudySession } from './session';

/** Plays the sounds of what is shown, and has those of the next card ready. */
export function useCardSounds(session: StudySession | null) {
  const [player] = useState(() => makePlayer());
  const [card, next] = session?.cards ?? [];
  const mediaUrl = session?.mediaUrl ?? '';
  const side: Side = session?.side ?? 'question';

  const addresses = (names: readonly string[]) => names.map((name) => mediaAddress(name, mediaUrl));
  const own = card ? JSON.stringify(addresses(soundsByThemselves(card, side))) : '[]';
  const shown = `${card?.id ?? ''} ${card?.answer_token ?? ''} ${side}`;
  useEffect(() => {
    const sounds = JSON.parse(own) as string[];
    if (sounds.length > 0) player.play(sounds);
    else player.stop();
    // Once for each side that is shown: another address of the same file is no news.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [player, shown]);
  useEffect(() => () => player.stop(), [player]);

  const ahead = next
    ? JSON.stringify(
        addresses([...soundsToReplay(next, 'question'), ...soundsToReplay(next, 'answer')]),
      )
    : '[]';
  useEffect(() => fetchAhead([...new Set(JSON.parse(ahead) as string[])]), [ahead]);

  const replayed = card ? soundsToReplay(card, side) : [];
  return {
    hasSounds: replayed.length > 0,
    replay: () => player.play(addresses(replayed)),
    playOne: (name: string | undefined) => {
      if (name !== undefined) player.play(addresses([name]));
    },
  };
}
