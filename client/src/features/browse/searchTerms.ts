/** Searches in Anki's language: their terms, and putting a filter in the place of another. */

const WORD_END = /[\s\u3000"()]/;
const JOINER = /^(?:and|or)$/i;

/** `key:value`, in quotes where the value needs them; what would be a wildcard is the letter. */
export function term(key: string, value: string): string {
  const escaped = value.replace(/[\\"*_]/g, (letter) => `\\${letter}`);
  return /^[\p{L}\p{N}\\_.:/+-]+$/u.test(value) ? `${key}:${escaped}` : `${key}:"${escaped}"`;
}

/** What stands beside each other at the top of a search; null where it is not well formed. */
export function topTerms(search: string): string[] | null {
  const terms: string[] = [];
  let at = 0;
  while (at < search.length) {
    if (/[\s\u3000]/.test(search.charAt(at))) {
      at += 1;
      continue;
    }
    const end = endOfTerm(search, at);
    if (end === null) return null;
    terms.push(search.slice(at, end));
    at = end;
  }
  return terms;
}

/** The search with `added` in the place of the top terms that `isKind` knows; null adds nothing. */
export function withTerm(
  search: string,
  isKind: (term: string) => boolean,
  added: string | null,
): string {
  const terms = topTerms(search);
  // Who has not finished typing gets what they chose at the end.
  if (!terms) return [search.trim(), added].filter(Boolean).join(' ');
  if (!isConjunction(terms)) return added === null ? search.trim() : `(${search.trim()}) ${added}`;
  const kept = terms.filter((one) => !isKind(one));
  return tidied(added === null ? kept : [...kept, added]).join(' ');
}

/** The one top term of a kind that a search has; undefined where there is none. */
export function termOfKind(search: string, isKind: (term: string) => boolean): string | undefined {
  const terms = topTerms(search);
  return terms && isConjunction(terms) ? terms.find(isKind) : undefined;
}

/** Whether all of the terms must hold: only then can one be taken away without the others. */
function isConjunction(terms: readonly string[]): boolean {
  return !terms.some((one) => /^or$/i.test(one));
}

/** Without an `and` that has lost what it joined. */
function tidied(terms: readonly string[]): string[] {
  return terms.filter((one, index) => {
    const next = terms[index + 1];
    const before = terms[index - 1];
    if (!JOINER.test(one)) return true;
    return before !== undefined && next !== undefined && !JOINER.test(before);
  });
}

function endOfTerm(search: string, begin: number): number | null {
  let at = search.charAt(begin) === '-' ? begin + 1 : begin;
  if (search.charAt(at) === '(') return endOfGroup(search, at);
  if (search.charAt(at) === ')') return null;
  if (search.charAt(at) === '"') return endOfQuote(search, at);
  while (at < search.length && !WORD_END.test(search.charAt(at))) {
    at += search.charAt(at) === '\\' ? 2 : 1;
  }
  if (search.charAt(at) === '"' && search.charAt(at - 1) === ':') return endOfQuote(search, at);
  return Math.min(at, search.length);
}

function endOfQuote(search: string, opened: number): number | null {
  for (let at = opened + 1; at < search.length; at += 1) {
    if (search.charAt(at) === '\\') at += 1;
    else if (search.charAt(at) === '"') return at + 1;
  }
  return null;
}

function endOfGroup(search: string, opened: number): number | null {
  let at = opened + 1;
  while (at < search.length) {
    const letter = search.charAt(at);
    if (letter === ')') return at + 1;
    if (/[\s\u3000]/.test(letter)) at += 1;
    else {
      const end = endOfTerm(search, at);
      if (end === null) return null;
      at = end;
    }
  }
  return null;
}
