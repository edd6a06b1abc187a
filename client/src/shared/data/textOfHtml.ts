import DOMPurify, { type Config } from 'dompurify';

const WORDS = {
  RETURN_DOM_FRAGMENT: true,
  ALLOWED_ATTR: [],
  FORBID_TAGS: ['style'],
} as const satisfies Config;

/** The words of a piece of HTML. Only the sanitizer may make nodes of texts. */
export function textOfHtml(html: string): string {
  return DOMPurify.sanitize(html, WORDS).textContent;
}
