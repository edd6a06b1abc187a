/** Which files a card names: pictures and sounds, not films. */
import { mediaAddress, safeAddress } from './address';
import { withoutEntities } from './entities';
import { soundsOf } from './sounds';

const PICTURE = /<img\b[^>]*?\ssrc\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))/gi;
const FILM = /\.(?:mp4|m4v|webm|mkv|mov|avi|mpe?g|ogv|flv)$/i;

/** The addresses of a card's files, each once. */
export function mediaOf(html: string, mediaUrl: string): string[] {
  const pictures = [...html.matchAll(PICTURE)]
    .map((match) =>
      safeAddress(withoutEntities(match[1] ?? match[2] ?? match[3] ?? ''), { mediaUrl }),
    )
    .filter((address) => address?.startsWith(mediaUrl));
  const sounds = soundsOf(html)
    .filter((sound) => typeof sound === 'string')
    .filter((name) => !FILM.test(name))
    .map((name) => mediaAddress(name, mediaUrl));
  return [...new Set([...pictures, ...sounds].filter((address) => address !== null))];
}
