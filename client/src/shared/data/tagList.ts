/** Tags as people type them: divided by blanks, as in Anki, or by commas. */

const PARTS = /[\s,，、]+/u;

export function splitTags(text: string): string[] {
  return text.split(PARTS).filter(Boolean);
}

/** Whether what is typed has an end of a tag in it. */
export function endsTag(text: string): boolean {
  return PARTS.test(text);
}

/** With what was typed; a tag is there once, however it is written. */
export function withTags(tags: readonly string[], text: string): string[] {
  return splitTags(text).reduce(withTag, [...tags]);
}

/** With one tag as it is, which may have commas in it. */
export function withTag(tags: readonly string[], tag: string): string[] {
  return tags.some((one) => sameTag(one, tag)) ? [...tags] : [...tags, tag];
}

/** Known tags that contain what is typed, those that begin with it first. */
export function suggestedTags(
  known: readonly string[],
  typed: string,
  tags: readonly string[],
  limit: number,
): string[] {
  const wanted = typed.trim().toLowerCase();
  const fitting = known.filter(
    (tag) => tag.toLowerCase().includes(wanted) && !tags.some((one) => sameTag(one, tag)),
  );
  const begins = (tag: string) => Number(!tag.toLowerCase().startsWith(wanted));
  return fitting.sort((a, b) => begins(a) - begins(b)).slice(0, limit);
}

function sameTag(first: string, second: string): boolean {
  return first.toLowerCase() === second.toLowerCase();
}
