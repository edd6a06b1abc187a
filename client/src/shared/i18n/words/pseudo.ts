/** English with accents and half as long again, to see what does not fit or was not translated. */
import type { Words } from '../languages';
import english from './en';

const ACCENTED: Record<string, string> = { a: 'á', e: 'é', i: 'í', o: 'ö', u: 'ü', n: 'ñ', c: 'ç' };

export function pseudo(text: string): string {
  const accented = text
    .split(/(\{\{[^}]*\}\}|<[^>]*>|\$t\([^)]*\))/)
    .map((part, index) =>
      index % 2 ? part : part.replace(/[aeiounc]/g, (letter) => ACCENTED[letter] ?? letter),
    )
    .join('');
  return `[${accented}${'~'.repeat(Math.ceil(text.length / 2))}]`;
}

function changed(words: object): object {
  return Object.fromEntries(
    Object.entries(words).map(([key, value]: [string, unknown]) => [
      key,
      typeof value === 'string' ? pseudo(value) : changed(value as object),
    ]),
  );
}

export default Object.fromEntries(
  Object.entries(english).map(([name, words]) => [name, changed(words)]),
) satisfies Words;
