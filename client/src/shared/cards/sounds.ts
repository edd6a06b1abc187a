/** `[sound:name]` in a card: which there are, and a button in the place of each. */
import { sanitizer } from './workshop';

const SOUND = /\[sound:([^\]]*)\]/g;
const SPEECH = /\[anki:tts[^\]]*\][\s\S]*?\[\/anki:tts\]/g;

/** The names of the sounds in the order in which they stand, as the service stores the files. */
export function soundsOf(html: string): string[] {
  return [...html.replace(SPEECH, '').matchAll(SOUND)].map((match) => unescaped(match[1] ?? ''));
}

/** The HTML with a link in the place of each sound; `data-sound` is its number. */
export function withSoundButtons(html: string, label: string): string {
  let number = 0;
  return html.replace(SPEECH, '').replace(SOUND, () => {
    const button = `<a class="replay-button soundLink" role="button" tabindex="0" data-sound="${number}" aria-label="${escaped(label)}"><svg viewBox="0 0 64 64" class="playImage" aria-hidden="true"><circle cx="32" cy="32" r="29"></circle><path d="M56.502 32.301l-37.502 20.101.329-40.804 37.173 20.703z" transform="matrix(.8 0 0 .8 8 6.4)"></path></svg></a>`;
    number += 1;
    return button;
  });
}

/** A name without HTML's entities; only the sanitizer may make nodes of texts. */
function unescaped(name: string): string {
  if (!name.includes('&')) return name;
  return sanitizer().sanitize(name, { ALLOWED_TAGS: [], RETURN_DOM_FRAGMENT: true }).textContent;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
