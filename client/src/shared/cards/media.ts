/** Where the files that a card names lie: under the address that the service signs for a while. */

const ELSEWHERE = /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i;
const CSS_ADDRESS = /url\(\s*(?:"([^"]*)"|'([^']*)'|([^)"']*))\s*\)/gi;

/** The address of a media file by its name as a field has it: the service knows about `%20` too. */
export function mediaAddress(name: string, mediaUrl: string): string {
  return mediaUrl + encodeURIComponent(name);
}

/** The addresses in a card's HTML are names of media files, unless they name a scheme. */
export function resolveAddress(address: string, mediaUrl: string): string {
  const trimmed = address.trim();
  return trimmed === '' || ELSEWHERE.test(trimmed) ? trimmed : mediaAddress(trimmed, mediaUrl);
}

/** A style sheet whose `url(...)`s lead to the media files. */
export function resolveCss(css: string, mediaUrl: string): string {
  return css.replace(CSS_ADDRESS, (_, double?: string, single?: string, bare?: string) => {
    const address = resolveAddress(double ?? single ?? bare ?? '', mediaUrl);
    return `url("${address.replace(/["\\\n]/g, encodeURIComponent)}")`;
  });
}
