/** `[sound:name]` and `[anki:tts]` in a card: what is to be heard, and a button for each. */
import { textOfHtml } from '@/shared/data/textOfHtml';

import { withoutEntities } from './entities';

/** A text that is read out. */
export interface Speech {
  text: string;
  /** As templates have it: `en_US`. */
  lang: string;
  /** 1 is as fast as people speak. */
  speed: number;
}

/** A file by the name under which the service has it, or a text. */
export type Sound = string | Speech;

const HEARD = /\[anki:tts([^\]]*)\]([\s\S]*?)\[\/anki:tts\]|\[sound:([^\]]*)\]/g;
const SPEECH = /\[anki:tts[^\]]*\][\s\S]*?\[\/anki:tts\]/g;

/** What is to be heard, in the order in which it stands. */
export function soundsOf(html: string): Sound[] {
  return [...html.matchAll(HEARD)].map(([, how, text, name]) =>
    name === undefined ? speechOf(how ?? '', text ?? '') : withoutEntities(name),
  );
}

/** The HTML with a link in the place of each sound; `data-sound` is its number. */
export function withSoundButtons(html: string, label: string): string {
  let number = 0;
  return html.replace(HEARD, () => {
    const button = `<a class="replay-button soundLink" role="button" tabindex="0" data-sound="${number}" aria-label="${escaped(label)}"><svg viewBox="0 0 64 64" class="playImage" aria-hidden="true"><circle cx="32" cy="32" r="29"></circle><path d="M56.502 32.301l-37.502 20.101.329-40.804 37.173 20.703z" transform="matrix(.8 0 0 .8 8 6.4)"></path></svg></a>`;
    number += 1;
    return button;
  });
}

/** The HTML without what is only read out. */
export function withoutSpeech(html: string): string {
  return html.replace(SPEECH, '');
}

function speechOf(how: string, html: string): Speech {
  const speed = Number(/\bspeed=([\d.]+)/.exec(how)?.[1] ?? 1);
  return {
    text: textOfHtml(html.replace(/\[sound:[^\]]*\]/g, '').replace(/<br\b[^>]*>/gi, ' ')).trim(),
    lang: /\blang=([\w-]+)/.exec(how)?.[1] ?? '',
    speed: Number.isFinite(speed) ? Math.min(Math.max(speed, 0.1), 10) : 1,
  };
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
