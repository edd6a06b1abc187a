/** Fields hold HTML; in a text area a line break of it is a new line. */

const BREAK = /<br\s*\/?>/gi;

/** A field whose HTML has lines of its own is shown as it is. */
const hasLines = (html: string) => html.includes('\n');

export function shownText(html: string): string {
  return hasLines(html) ? html : html.replace(BREAK, '\n');
}

/** What is stored for a text; `before` is the HTML that the text area began with. */
export function storedHtml(text: string, before = ''): string {
  if (text === shownText(before)) return before;
  return hasLines(before) ? text : text.replace(/\r?\n/g, '<br>');
}
