/** Fills the page of a card frame. That page runs no script: all is done from outside. */
import { type Addresses, safeAddress } from './address';
import { BASE_STYLE } from './baseStyle';
import { safeCss } from './css';
import { hasMath, renderMath } from './math';
import { sanitizeCard } from './sanitize';
import { withSoundButtons } from './sounds';
import { workshopOpened } from './workshop';

export interface CardContent extends Addresses {
  html: string;
  /** The style of the notetype. */
  css: string;
  /** The number of the template, from 0: Anki's styles know it as `.card1` and so on. */
  ordinal: number;
  isDark: boolean;
  /** What a sound's button is called. */
  playLabel: string;
}

type Source = Pick<CardContent, 'html' | 'playLabel' | keyof Addresses>;

/** A card's HTML as nodes, to be copied into its page. */
export interface PreparedCard {
  /** Null while a formula is on its way. */
  fragment: DocumentFragment | null;
  ready: Promise<DocumentFragment>;
}

/** Both sides of this card, of the next one and of some before. */
const MAX_KEPT = 12;
const kept = new Map<string, PreparedCard>();

/** The card's HTML as nodes: those made before, if it was prepared lately. */
export function prepareCard(source: Source): PreparedCard {
  const { html, mediaUrl, playLabel, allowRemote = false } = source;
  const key = JSON.stringify([html, mediaUrl, playLabel, allowRemote]);
  const prepared = kept.get(key) ?? made(source);
  kept.delete(key);
  kept.set(key, prepared);
  for (const oldest of kept.keys()) if (kept.size > MAX_KEPT) kept.delete(oldest);
  return prepared;
}

/** Have a card ready before it is shown: its nodes, and its pictures in the browser's cache. */
export function prepareAhead(source: Source): void {
  const ready = workshopOpened().then(() => prepareCard(source).ready);
  void ready.then((fragment) => {
    for (const picture of fragment.querySelectorAll('img[src], image')) {
      const address = picture.getAttribute('src') ?? picture.getAttribute('href') ?? '';
      if (address.startsWith(source.mediaUrl)) new Image().src = address;
    }
  });
}

function made(source: Source): PreparedCard {
  const html = withSoundButtons(source.html, source.playLabel);
  const fragment = sanitizeCard(html, source);
  if (!hasMath(html)) return { fragment, ready: Promise.resolve(fragment) };
  const prepared: PreparedCard = {
    fragment: null,
    // Without a network, formulas are better shown as they were written than not at all.
    ready: renderMath(fragment)
      .catch(() => undefined)
      .then(() => (prepared.fragment = fragment)),
  };
  return prepared;
}

/** Show a prepared card in the place of what is there. */
export function fillCard(page: Document, content: CardContent, fragment: DocumentFragment): void {
  const { ordinal, isDark, css } = content;
  const night = isDark ? ' nightMode night_mode' : '';
  page.documentElement.className = isDark ? 'night-mode' : '';
  page.body.className = `card card${ordinal + 1}${night}`;
  setStyle(page, 'base', BASE_STYLE);
  setStyle(
    page,
    'notetype',
    safeCss(css, (address) => safeAddress(address, content)),
  );
  const qa = page.createElement('div');
  qa.id = 'qa';
  qa.append(page.importNode(fragment, true));
  page.body.replaceChildren(qa);
}

function setStyle(page: Document, name: string, css: string): void {
  const known = page.head.querySelector(`style[data-name=${name}]`);
  const style = known ?? page.createElement('style');
  if (style.textContent !== css) style.textContent = css;
  if (known) return;
  style.setAttribute('data-name', name);
  page.head.append(style);
}
