/** Fills the page of a card frame. That page runs no script: all is done from outside. */
import { hasMath, renderMath } from './math';
import { resolveCss } from './media';
import { sanitizeCard } from './sanitize';
import { withSoundButtons } from './sounds';

export interface CardContent {
  html: string;
  /** The style of the notetype. */
  css: string;
  /** Where media files lie; ends with a slash. */
  mediaUrl: string;
  /** The number of the template, from 0: Anki's styles know it as `.card1` and so on. */
  ordinal: number;
  isDark: boolean;
  /** What a sound's button is called. */
  playLabel: string;
}

// What Anki's reviewer has before a notetype's own style: these rules give way to it. A card that
// names no colours of its own for the dark gets ours.
const BASE_STYLE = `
html { color-scheme: light; background: transparent; }
html.night-mode { color-scheme: dark; }
body { margin: 0; padding: 20px; overflow-wrap: break-word; background: transparent; }
.card.nightMode { color: #e6edeb; background-color: transparent; }
#qa { position: relative; }
img, video { max-width: 100%; max-height: 95vh; }
hr { background-color: #ccc; margin: 1em; }
.replay-button { display: inline-flex; vertical-align: middle; margin: 3px; cursor: pointer; text-decoration: none; }
.replay-button svg { width: 40px; height: 40px; }
.replay-button circle { fill: #fff; stroke: #414141; }
.replay-button path { fill: #414141; }
.typeGood { background: #afa; color: #000; }
.typeBad { background: #faa; color: #000; }
.typeMissed { background: #ccc; color: #000; }
#typeans { display: block; box-sizing: border-box; width: 100%; line-height: 1.75; font-size: 1em; white-space: pre-wrap; }
.drawing { max-width: 100%; }
`;

/** The card's HTML as nodes; formulas take a moment, when there are any. */
export async function prepareCard(content: CardContent): Promise<DocumentFragment> {
  const html = withSoundButtons(content.html, content.playLabel);
  const fragment = sanitizeCard(html, content.mediaUrl);
  if (hasMath(html)) await renderMath(fragment);
  return fragment;
}

/** Show a prepared card in the place of what is there. */
export function fillCard(page: Document, content: CardContent, fragment: DocumentFragment): void {
  const { ordinal, isDark } = content;
  const night = isDark ? ' nightMode night_mode' : '';
  page.documentElement.className = isDark ? 'night-mode' : '';
  page.body.className = `card card${ordinal + 1}${night}`;
  styleElement(page, 'base').textContent = BASE_STYLE;
  styleElement(page, 'notetype').textContent = resolveCss(content.css, content.mediaUrl);
  const qa = page.createElement('div');
  qa.id = 'qa';
  qa.append(page.importNode(fragment, true));
  page.body.replaceChildren(qa);
}

function styleElement(page: Document, id: string): HTMLStyleElement {
  const known = page.getElementById(`style-${id}`);
  if (known instanceof (page.defaultView ?? window).HTMLStyleElement) return known;
  const style = page.createElement('style');
  style.id = `style-${id}`;
  page.head.append(style);
  return style;
}
