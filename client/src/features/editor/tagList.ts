/** Tags as people type them: divided by blanks, as in Anki, or by commas. */

export function splitTags(text: string): string[] {
  return text.split(/[\s,，、]+/u).filter(Boolean);
}

/** With what was typed; a tag is there once, however it is written. */
export function withTags(tags: readonly string[], text: string): string[] {
  const all = [...tags];
  for (const tag of splitTags(text)) {
    if (!all.some((one) => sameTag(one, tag))) all.push(tag);
  }
  return all;
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
