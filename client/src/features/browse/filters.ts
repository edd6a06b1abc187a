/** The filters beside the search field: each is a term of the search, which says what is chosen. */
import { deckSearch } from '@/shared/data/deckNames';

import { term, termOfKind, withTerm } from './searchTerms';

export const STATES = ['new', 'learn', 'review', 'due', 'suspended', 'buried'] as const;
export const FLAGS = [1, 2, 3, 4, 5, 6, 7] as const;
const MARKED = 'tag:marked';

export interface Filters {
  /** One of STATES; empty for none. */
  state: string;
  /** A digit; empty for none. */
  flag: string;
  tag: string;
  marked: boolean;
}

const isState = (one: string) => STATES.some((state) => one.toLowerCase() === `is:${state}`);
const isFlag = (one: string) => /^flag:[0-7]$/i.test(one);
const isMarked = (one: string) => one.toLowerCase() === MARKED;
const isDeck = (one: string) => /^deck:/i.test(one);
// A pattern of the person's own, like `tag:re:` or `tag:verb*`, is left alone.
const isTag = (one: string) => !isMarked(one) && nameOfTag(one) !== null;

export function filtersOf(search: string): Filters {
  return {
    state: termOfKind(search, isState)?.slice('is:'.length).toLowerCase() ?? '',
    flag: termOfKind(search, isFlag)?.slice('flag:'.length) ?? '',
    tag: nameOfTag(termOfKind(search, isTag) ?? '') ?? '',
    marked: termOfKind(search, isMarked) !== undefined,
  };
}

export function withState(search: string, state: string): string {
  return withTerm(search, isState, state ? `is:${state}` : null);
}

export function withFlag(search: string, flag: string): string {
  return withTerm(search, isFlag, flag ? `flag:${flag}` : null);
}

export function withTag(search: string, tag: string): string {
  return withTerm(search, isTag, tag ? term('tag', tag) : null);
}

export function withMarked(search: string, marked: boolean): string {
  return withTerm(search, isMarked, marked ? MARKED : null);
}

/** Which of these decks the search is confined to by its name; undefined for none. */
export function deckOf<D extends { name: string }>(search: string, decks: readonly D[]) {
  const asked = termOfKind(search, isDeck);
  return decks.find(({ name }) => asked === deckSearch(name) || asked === term('deck', name));
}

export function withoutDeck(search: string): string {
  return withTerm(search, isDeck, null);
}

/** The tag that a term asks for by its plain name; null where it is another kind of term. */
function nameOfTag(one: string): string | null {
  const value = /^tag:(?:"([^]*)"|([^"]+))$/i.exec(one);
  const text = value?.[1] ?? value?.[2];
  if (text === undefined || /^(?:re|nc|none$)/.test(text)) return null;
  const plain = text.replace(/\\[\\"*_]/g, '');
  return /[*_\\]/.test(plain) ? null : text.replace(/\\([\\"*_])/g, '$1');
}
