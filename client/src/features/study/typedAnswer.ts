/** What was typed beside what was expected. Source: Anki's rslib/src/typeanswer.rs. */
import { withoutEntities } from '@/shared/cards/entities';

export interface Piece {
  kind: 'good' | 'bad' | 'missed';
  text: string;
}

/** Both lines of a comparison; `provided` is empty where all is right. */
export interface Comparison {
  provided: Piece[];
  expected: Piece[];
}

// So many pairs of letters are compared; longer texts count as one piece each.
const MAX_PAIRS = 4_000_000;
// Finding what belongs together takes long in a long text.
const MAX_SEGMENTED = 5000;
const MARK = /\p{M}/gu;
const BREAKS = /(?:\n|<br\s*\/?>|<\/?div[^>]*>)+/gi;
const MARKUP = /<!--[\s\S]*?(?:-->|$)|<(style|script)\b[\s\S]*?(?:<\/\1\s*>|$)|<[^>]*(?:>|$)/gi;
const letters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

export function compareTyped(expected: string, typed: string, ignoresAccents = false): Comparison {
  const wanted = graphemes(expected);
  const given = graphemes(typed);
  const base = (letter: string) => (ignoresAccents ? withoutMarks(letter) : letter);
  const pairs = commonLetters(given.map(base), wanted.map(base));
  if (pairs.length === given.length && pairs.length === wanted.length) {
    return { provided: [], expected: [{ kind: 'good', text: wanted.join('') }] };
  }
  return laidOut(given, wanted, pairs);
}

/** What is to be typed: the field as text, as Anki strips it. */
export function expectedText(html: string): string {
  const text = html
    .replace(BREAKS, ' ')
    .replace(/\[sound:[^\]]*\]/g, '')
    .replace(MARKUP, '');
  return withoutEntities(text)
    .replace(/\u00a0/g, ' ')
    .trim()
    .normalize('NFC');
}

function graphemes(text: string): string[] {
  const known = text.normalize('NFC');
  if (known.length > MAX_SEGMENTED) return Array.from(known);
  return [...letters.segment(known)].map(({ segment }) => segment);
}

function withoutMarks(letter: string): string {
  return letter.normalize('NFD').replace(MARK, '') || letter;
}

type Pair = readonly [given: number, wanted: number];

/** The longest common subsequence, as places in both. */
function commonLetters(given: string[], wanted: string[]): Pair[] {
  let start = 0;
  while (start < given.length && start < wanted.length && given[start] === wanted[start]) start++;
  let end = 0;
  while (
    end < Math.min(given.length, wanted.length) - start &&
    given.at(-1 - end) === wanted.at(-1 - end)
  ) {
    end++;
  }
  const middle = longest(
    given.slice(start, given.length - end),
    wanted.slice(start, wanted.length - end),
  );
  return [
    ...range(start).map((i) => [i, i] as const),
    ...middle.map(([g, w]) => [g + start, w + start] as const),
    ...range(end).map((i) => [given.length - end + i, wanted.length - end + i] as const),
  ];
}

function longest(given: string[], wanted: string[]): Pair[] {
  if (given.length * wanted.length > MAX_PAIRS) return [];
  const width = wanted.length + 1;
  const lengths = new Uint16Array((given.length + 1) * width);
  const at = (g: number, w: number) => lengths[g * width + w] ?? 0;
  for (let g = given.length - 1; g >= 0; g--) {
    for (let w = wanted.length - 1; w >= 0; w--) {
      const isSame = given[g] === wanted[w];
      lengths[g * width + w] = isSame ? at(g + 1, w + 1) + 1 : Math.max(at(g + 1, w), at(g, w + 1));
    }
  }
  const pairs: Pair[] = [];
  for (let g = 0, w = 0; g < given.length && w < wanted.length;) {
    if (given[g] === wanted[w]) pairs.push([g++, w++]);
    else if (at(g + 1, w) >= at(g, w + 1)) g++;
    else w++;
  }
  return pairs;
}

/** Runs of what is the same, and between them what is too much and what is missing. */
function laidOut(given: string[], wanted: string[], pairs: Pair[]): Comparison {
  const provided: Piece[] = [];
  const expected: Piece[] = [];
  let [g, w] = [0, 0];
  for (const [nextG, nextW] of [...pairs, [given.length, wanted.length] as const]) {
    const extra = given.slice(g, nextG).join('');
    const missing = wanted.slice(w, nextW);
    if (extra) add(provided, 'bad', extra);
    else if (missing.length) add(provided, 'missed', '-'.repeat(missing.length));
    if (missing.length) add(expected, 'missed', missing.join(''));
    if (nextG < given.length) add(provided, 'good', given[nextG] ?? '');
    if (nextW < wanted.length) add(expected, 'good', wanted[nextW] ?? '');
    [g, w] = [nextG + 1, nextW + 1];
  }
  return { provided, expected };
}

function add(pieces: Piece[], kind: Piece['kind'], text: string): void {
  const last = pieces.at(-1);
  if (last?.kind === kind) last.text += text;
  else pieces.push({ kind, text });
}

function range(length: number): number[] {
  return [...Array(length).keys()];
}
