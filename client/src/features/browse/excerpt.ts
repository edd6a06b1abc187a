/** A field's HTML as one line of text. */
import DOMPurify, { type Config } from 'dompurify';

/** What stands for that which is no text. */
export interface MediaWords {
  image: string;
  sound: string;
  video: string;
}

// Nodes of another document, in which nothing is fetched; only the sanitizer may make them.
const CONFIG = { RETURN_DOM_FRAGMENT: true, ALLOWED_ATTR: [] } as const satisfies Config;
const BREAKS = new Set(
  'address article blockquote br dd div dl dt figure h1 h2 h3 h4 h5 h6 hr li ol p pre section table td th tr ul'.split(
    ' ',
  ),
);
const SOUND = /\[sound:[^\]]*\]/g;
const CLOZE = /\{\{c\d+::((?:(?!\{\{c\d+::)[^])*?)(?:::(?:(?!\{\{c\d+::)[^])*?)?\}\}/g;
const MAX_LENGTH = 300;
/** Somebody's whole page in a field is not read to its end for one line. */
const MAX_READ = 20_000;

export function excerpt(html: string, words: MediaWords): string {
  const read = html.slice(0, MAX_READ);
  const text = /[<&]/.test(read) ? textOf(DOMPurify.sanitize(read, CONFIG), words) : read;
  const line = withoutClozes(text).replace(SOUND, ` ${words.sound} `).replace(/\s+/g, ' ').trim();
  return line.length > MAX_LENGTH ? `${Array.from(line).slice(0, MAX_LENGTH).join('')}…` : line;
}

function textOf(node: Node, words: MediaWords): string {
  let text = '';
  for (const child of node.childNodes) {
    const name = child.nodeName.toLowerCase();
    if (child.nodeType === Node.TEXT_NODE) text += child.nodeValue ?? '';
    else if (name === 'img' || name === 'svg') text += ` ${words.image} `;
    else if (name === 'audio') text += ` ${words.sound} `;
    else if (name === 'video') text += ` ${words.video} `;
    else if (name !== 'style' && name !== 'rt' && name !== 'rp') {
      const inner = textOf(child, words);
      text += BREAKS.has(name) ? ` ${inner} ` : inner;
    }
  }
  return text;
}

/** `{{c1::Paris::city}}` as Paris, those within others first. */
function withoutClozes(text: string): string {
  let before;
  let after = text;
  do {
    before = after;
    after = before.replace(CLOZE, '$1');
  } while (after !== before);
  return after;
}
