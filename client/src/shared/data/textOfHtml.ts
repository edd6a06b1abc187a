/** The words of a piece of HTML, as one reads them.
 *
 * No nodes are made of it: a browser reports the styles and handlers of what it takes apart, even
 * where it is shown nowhere. What is given back is text, to be shown as text.
 */
import { withoutEntities } from '@/shared/cards/entities';

/** Says what stands in the place of an element's beginning and end. */
type StandIn = (name: string, isEnd: boolean) => string;

const WORDS = /[^<]+/y;
// An unfinished value, tag or comment goes on to the end: so none is ever looked at twice.
const TAG = /<(\/?)([a-z][^\s/>]*)(?:"[^"]*(?:"|$)|'[^']*(?:'|$)|[^'">])*(?:>|$)/iy;
const OTHER_MARKUP = /<!--(?:[^]*?(?:-->|$))|<[!?/][^>]*(?:>|$)/y;
/** Elements whose words are not part of the text, and where they end. */
const ENDS: Record<string, RegExp> = {
  ...Object.fromEntries(
    ['script', 'style', 'template', 'svg', 'audio', 'video', 'object', 'iframe'].map((name) => [
      name,
      new RegExp(`</${name}\\b`, 'gi'),
    ]),
  ),
  rt: /<\/?(?:rt|rp|ruby)\b/gi,
  rp: /<\/?(?:rt|rp|ruby)\b/gi,
};

/** The text of some HTML; readings over letters, styles and the like are left out. */
export function textOfHtml(html: string, standIn: StandIn = () => ''): string {
  if (!/[<&]/.test(html)) return html;
  let text = '';
  for (let at = 0; at < html.length;) {
    const words = matchAt(WORDS, html, at);
    const tag = words ? null : matchAt(TAG, html, at);
    const other = words ?? tag ?? matchAt(OTHER_MARKUP, html, at);
    at += other?.[0].length ?? 1;
    if (words) text += words[0];
    else if (!other) text += '<';
    else if (tag) {
      const name = (tag[2] ?? '').toLowerCase();
      const isEnd = tag[1] !== '';
      text += standIn(name, isEnd);
      if (!isEnd && !tag[0].endsWith('/>')) at = endOf(name, html, at);
    }
  }
  return withoutEntities(text.replace(/</g, '&lt;'));
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** Where what belongs to an element without words of its own ends. */
function endOf(name: string, html: string, at: number): number {
  const end = ENDS[name];
  if (!end) return at;
  return matchAt(end, html, at)?.index ?? html.length;
}
