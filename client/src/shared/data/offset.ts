/** The person's day follows the clock of the device that they are at. */
import { changeAccount, deviceOffset } from './account';

const KEY = 'javumbo.offset';

/** This device's offset is what the account has now. */
export function noteOffset(username: string): void {
  localStorage.setItem(KEY, `${username} ${deviceOffset()}`);
}

/**
 * Tell the service when this device's clock has moved, by travel or daylight saving; true if it
 * has. What another device has said meanwhile stays: its person may be there.
 */
export async function followOffset(username: string): Promise<boolean> {
  const [owner, known] = (localStorage.getItem(KEY) ?? '').split(' ');
  const here = deviceOffset();
  if (owner === username && known === String(here)) return false;
  const moved = owner === username;
  if (moved) await changeAccount({ utc_offset_minutes: here });
  noteOffset(username);
  return moved;
}
