/** Changes of the text of a field: values in, values out. */

export interface TextEdit {
  /** What is replaced. */
  start: number;
  end: number;
  text: string;
  /** What is selected afterwards. */
  select: [start: number, end: number];
}

/** What a deletion looks like. */
export const CLOZE_EXAMPLE = '{{c1::…}}';

const CLOZE = /\{\{c(\d+)::/g;

/** The next number of a deletion in any of the fields, or the highest one that there is. */
export function clozeNumber(fields: readonly string[], kind: 'next' | 'same'): number {
  const numbers = fields.flatMap((field) =>
    [...field.matchAll(CLOZE)].map((match) => Number(match[1])),
  );
  const highest = Math.max(0, ...numbers);
  return kind === 'next' ? highest + 1 : Math.max(1, highest);
}

/** The selection between two pieces of text; it stays selected. */
export function wrap(
  value: string,
  start: number,
  end: number,
  before: string,
  after: string,
): TextEdit {
  const from = start + before.length;
  return {
    start,
    end,
    text: before + value.slice(start, end) + after,
    select: [from, from + end - start],
  };
}

/** Text in the place of the selection, with the cursor behind it. */
export function insertion(start: number, end: number, text: string): TextEdit {
  return { start, end, text, select: [start + text.length, start + text.length] };
}

export function applied(value: string, edit: TextEdit): string {
  return value.slice(0, edit.start) + edit.text + value.slice(edit.end);
}
