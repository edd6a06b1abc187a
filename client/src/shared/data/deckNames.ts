/** Names of decks: `Languages::Spanish::Verbs`. */

export const SEPARATOR = '::';

/** The last level. */
export function baseName(name: string): string {
  return name.slice(parentName(name).length).replace(SEPARATOR, '');
}

/** All levels but the last; empty at the top. */
export function parentName(name: string): string {
  const at = name.lastIndexOf(SEPARATOR);
  return at < 0 ? '' : name.slice(0, at);
}

/** A name under a parent, which is empty at the top. */
export function nameUnder(parent: string, name: string): string {
  return parent ? `${parent}${SEPARATOR}${name}` : name;
}

/** Whether a deck is another one or lies under it. */
export function isWithin(name: string, ancestor: string): boolean {
  return name === ancestor || name.startsWith(ancestor + SEPARATOR);
}

/** The search that finds a deck's cards, those of its subdecks included. */
export function deckSearch(name: string): string {
  return `deck:"${name.replace(/[\\"*_]/g, (letter) => `\\${letter}`)}"`;
}
