/** A field's HTML as one line of text. */
import { textOfHtml } from '@/shared/data/textOfHtml';

/** What stands for that which is no text. */
export interface MediaWords {
  image: string;
  sound: string;
  video: string;
}

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
  const text = textOfHtml(html.slice(0, MAX_READ), (name, isEnd) =>
    isEnd ? blankFor(name) : wordOf(name, words),
  );
  const line = withoutClozes(text).replace(SOUND, ` ${words.sound} `).replace(/\s+/g, ' ').trim();
  return line.length > MAX_LENGTH ? `${Array.from(line).slice(0, MAX_LENGTH).join('')}…` : line;
}

/** What stands for an element, apart from the words in it. */
function wordOf(name: string, words: MediaWords): string {
  if (name === 'img' || name === 'svg') return ` ${words.image} `;
  if (name === 'audio') return ` ${words.sound} `;
  if (name === 'video') return ` ${words.video} `;
  return blankFor(name);
}

const blankFor = (name: string) => (BREAKS.has(name) ? ' ' : '');

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
