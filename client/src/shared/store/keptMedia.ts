/** Pictures and sounds of the cards that were fetched ahead, for when there is no network.
 *
 * The page keeps them by their names, as their addresses change; the service worker knows nothing
 * of them. They go when the person logs out.
 */

const CACHE = 'javumbo-media';
/** Larger ones are shown with a network only. */
const MAX_BYTES = 2_000_000;
const MAX_FILES = 200;

const folder = (username: string) => `${CACHE}/${encodeURIComponent(username)}/`;

/** The place of a file in the cache: its name is the last part of any of its addresses. */
const placeOf = (address: string) => `/kept/${address.slice(address.lastIndexOf('/') + 1)}`;

/** Keep these files of a deck, and no others of it. What cannot be fetched is left out. */
export async function keepMedia(
  username: string,
  deckId: number,
  addresses: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (!('caches' in window)) return;
  try {
    const cache = await caches.open(`${folder(username)}${deckId}`);
    const wanted = new Map(addresses.slice(0, MAX_FILES).map((one) => [placeOf(one), one]));
    const known = new Set<string>();
    for (const request of await cache.keys()) {
      const place = new URL(request.url).pathname;
      if (wanted.has(place)) known.add(place);
      else await cache.delete(request);
    }
    for (const [place, address] of wanted) {
      if (!known.has(place)) await keep(cache, place, address, signal);
    }
  } catch {
    // Private windows, full disks, no network: then they are shown with a network only.
  }
}

/** A kept file, by whatever address it had; null where there is none. */
export async function keptMedia(username: string, address: string): Promise<Blob | null> {
  if (!('caches' in window)) return null;
  try {
    for (const name of await caches.keys()) {
      if (!name.startsWith(folder(username))) continue;
      const found = await (await caches.open(name)).match(placeOf(address));
      if (found) return await found.blob();
    }
  } catch {
    // As if nothing had been kept.
  }
  return null;
}

export async function forgetMedia(username: string): Promise<void> {
  if (!('caches' in window)) return;
  try {
    const names = (await caches.keys()).filter((name) => name.startsWith(folder(username)));
    await Promise.all(names.map((name) => caches.delete(name)));
  } catch {
    // There is nothing to forget where nothing can be kept.
  }
}

async function keep(cache: Cache, place: string, address: string, signal: AbortSignal) {
  const leaving = new AbortController();
  const stop = () => leaving.abort();
  signal.throwIfAborted();
  signal.addEventListener('abort', stop);
  try {
    const answer = await fetch(address, { signal: leaving.signal, priority: 'low' });
    const bytes = Number(answer.headers.get('content-length') ?? 0);
    if (answer.ok && bytes <= MAX_BYTES) await cache.put(place, answer);
    else stop();
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
