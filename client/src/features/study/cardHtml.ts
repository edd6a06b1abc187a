/** The two sides of a card as they are shown: what is typed is put in its place. */
import type { StudyCard, TypedAnswer } from './api';
import { type Comparison, type Piece, compareTyped, expectedText } from './typedAnswer';

const TYPE_MARK = /\[\[type:[^\]\n]*\]\]/g;
const DIVIDER = /<hr\s+id=["']?answer["']?\s*\/?>/gi;
const CLASSES = { good: 'typeGood', bad: 'typeBad', missed: 'typeMissed' } as const;

export function questionHtml(card: Pick<StudyCard, 'question'>): string {
  return card.question.replace(TYPE_MARK, '');
}

/** As in Anki, the comparison is where the mark is, under the line that begins the answer. */
export function answerHtml(card: Pick<StudyCard, 'answer' | 'typed'>, typed: string): string {
  const { answer } = card;
  if (!card.typed) return answer.replace(TYPE_MARK, '');
  if (answer.search(TYPE_MARK) < 0) return answer;
  const comparison = comparisonHtml(card.typed, typed);
  const rest = answer.replace(DIVIDER, '');
  const block = rest === answer ? comparison : `<hr id="answer">${comparison}`;
  return rest.replace(TYPE_MARK, () => block);
}

function comparisonHtml(asked: TypedAnswer, typed: string): string {
  const { font, size } = asked;
  const family = font.replace(/[^\p{L}\p{N} _.-]/gu, '');
  const shown = linesHtml(asked, typed);
  return `<div style="font-family: '${family}'; font-size: ${Math.max(1, Math.min(size, 200))}px"><code id="typeans">${shown}</code></div>`;
}

function linesHtml(asked: TypedAnswer, typed: string): string {
  const expected = expectedText(asked.expected);
  if (typed === '') return escaped(expected);
  const comparison = compareTyped(expected, typed, asked.ignores_accents);
  return isRight(comparison)
    ? piecesHtml(comparison.expected)
    : `${piecesHtml(comparison.provided)}<br><span id="typearrow">&darr;</span><br>${piecesHtml(comparison.expected)}`;
}

export function isRight(comparison: Comparison): boolean {
  return comparison.provided.length === 0;
}

function piecesHtml(pieces: readonly Piece[]): string {
  return pieces
    .map(({ kind, text }) => `<span class="${CLASSES[kind]}">${escaped(standing(text))}</span>`)
    .join('');
}

/** A mark without its letter needs something to stand on. */
function standing(text: string): string {
  return /^\p{M}/u.test(text) ? `\u00a0${text}` : text;
}

/** Text that is neither markup nor a sound. */
function escaped(text: string): string {
  return text.replace(/[&<>"'[\]]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
