/** Whether a deck may show pictures from anywhere: chosen on each device, for each deck. */
import { useState } from 'react';

const key = (username: string, deckId: number) => `javumbo.remote.${username}.${deckId}`;

export function useRemotePictures(username: string, deckId: number): [boolean, () => void] {
  const [isAllowed, setAllowed] = useState(
    () => localStorage.getItem(key(username, deckId)) !== null,
  );
  const toggle = () => {
    if (isAllowed) localStorage.removeItem(key(username, deckId));
    else localStorage.setItem(key(username, deckId), 'yes');
    setAllowed(!isAllowed);
  };
  return [isAllowed, toggle];
}
