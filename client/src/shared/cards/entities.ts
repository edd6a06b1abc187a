/** Text without HTML's entities. */
import { sanitizer } from './workshop';

/** `a &amp; b` as `a & b`. Only the sanitizer may make nodes of texts. */
export function withoutEntities(text: string): string {
  if (!text.includes('&')) return text;
  return sanitizer().sanitize(text, { ALLOWED_TAGS: [], RETURN_DOM_FRAGMENT: true }).textContent;
}
