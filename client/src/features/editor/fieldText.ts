/** What fields hold, as text and as markup. */
import type { Notetype } from '@/shared/data/notetypes';
import { textOfHtml } from '@/shared/data/textOfHtml';

const BREAK = /<br\s*\/?>/gi;

/** Only the words of a piece of HTML. */
export function plainText(html: string): string {
  return textOfHtml(html.replace(BREAK, ' ')).replace(/\s+/g, ' ').trim();
}

/** How a field names a file. */
export function mediaMarkup(name: string, type: string): string {
  if (/^(audio|video)\//.test(type)) return `[sound:${name}]`;
  const escaped = name.replace(/[&"<>]/g, (letter) => `&#${letter.charCodeAt(0)};`);
  return `<img src="${escaped}">`;
}

/** The values for another notetype: by the fields' names, the others by their places. */
export function carriedOver(
  values: readonly string[],
  from: Pick<Notetype, 'fields'>,
  to: Pick<Notetype, 'fields'>,
): string[] {
  const names = from.fields.map((field) => field.name);
  const wanted = to.fields.map((field) => names.indexOf(field.name));
  const left = values.map((_, at) => at).filter((at) => !wanted.includes(at));
  return wanted.map((at) => values[at < 0 ? (left.shift() ?? -1) : at] ?? '');
}
