/** Where the files that a card names lie, and which addresses a card may have at all. */

export interface Addresses {
  /** Where media files lie, as the service signs it for a while; ends with a slash. */
  mediaUrl: string;
  /** Whether pictures may come from anywhere; decided for each deck. */
  allowRemote?: boolean;
}

const ELSEWHERE = /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i;
const HARMLESS_DATA = /^data:(?:image|font|application\/(?:x-)?font)/i;
// Browsers overlook these in addresses: what hides a scheme behind them is found all the same.
// eslint-disable-next-line no-control-regex
const OVERLOOKED = /[\u0000-\u001f\u007f]/g;

/** The address of a media file by its name as a field has it: the service knows about `%20` too. */
export function mediaAddress(name: string, mediaUrl: string): string {
  return mediaUrl + encodeURIComponent(name);
}

/** What a card's address leads to here: a media file, unless it names a scheme; null for nowhere. */
export function safeAddress(address: string, { mediaUrl, allowRemote }: Addresses): string | null {
  const known = address.replace(OVERLOOKED, '').trim();
  if (known === '' || known === '.' || known === '..') return null;
  if (known.startsWith('#') || HARMLESS_DATA.test(known)) return known;
  if (!ELSEWHERE.test(known)) return mediaAddress(known, mediaUrl);
  const remote = known.startsWith('//') ? `https:${known}` : known;
  return allowRemote && /^https:\/\//i.test(remote) ? remote : null;
}

/** The address of a link that may be opened in another window; null for none. */
export function safeLink(address: string | null): string | null {
  const known = (address ?? '').replace(OVERLOOKED, '').trim();
  return /^(?:https?:\/\/|mailto:)/i.test(known) ? known : null;
}
