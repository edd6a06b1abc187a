/** What the service says of a search that it cannot understand: why, and where. */
import { ApiError } from '@/shared/api/errors';

export interface SearchProblem {
  /** The service's own words. */
  reason: string;
  /** The search, parted at what is wrong; null where it is not about a place. */
  place: { before: string; piece: string; after: string } | null;
}

const PLACE = /^([^]*) \(at character (\d+): ([^]*)\)$/;
/** Where the service has cut the piece. */
const CUT = '…';

/** Null where the error is another one. */
export function searchProblem(error: unknown, search: string): SearchProblem | null {
  const said = error instanceof ApiError && error.status === 400 ? error.fields['q'] : undefined;
  if (said === undefined) return null;
  const found = PLACE.exec(said);
  if (!found) return { reason: said, place: null };
  return { reason: found[1] ?? '', place: parted(search, Number(found[2]) - 1, found[3] ?? '') };
}

/** The service counts characters, of which some are two units here. */
function parted(search: string, position: number, piece: string) {
  const letters = Array.from(search);
  if (position >= letters.length) return null;
  const before = letters.slice(0, position).join('');
  const rest = letters.slice(position).join('');
  const shown = piece.endsWith(CUT) && !rest.startsWith(piece) ? piece.slice(0, -1) : piece;
  const marked = rest.startsWith(shown) && shown !== '' ? shown : rest;
  return { before, piece: marked, after: rest.slice(marked.length) };
}

/** Which of our own sentences says the same as the service's; undefined where none does. */
export function knownReason(reason: string): string | undefined {
  return REASONS.find(([begin]) => reason.includes(begin))?.[1];
}

const REASONS: readonly (readonly [string, string])[] = [
  ['must stand between two terms', 'joiner'],
  ['closed here that was not opened', 'closed'],
  ['bracket is opened here and never closed', 'opened'],
  ['nothing between the brackets', 'emptyBrackets'],
  ['double quote is opened here and never closed', 'quote'],
  ['nothing between the double quotes', 'emptyQuotes'],
  ['no key before the colon', 'colon'],
  ['this escape does not exist', 'escape'],
  ['is: takes one of', 'is'],
  ['flag: takes', 'flag'],
  ['prop: takes one of', 'prop'],
  ['takes a whole number', 'number'],
  ['takes a number', 'number'],
  ['regular expression is wrong', 'regex'],
  ['takes too long', 'slow'],
  ['too many parts', 'slow'],
  ['must have at most', 'long'],
];
