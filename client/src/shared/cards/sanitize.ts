/** Cards are somebody else's HTML: only what cannot act is let through. */
import DOMPurify, { type Config } from 'dompurify';

import { resolveAddress, resolveCss } from './media';

const CONFIG = {
  RETURN_DOM_FRAGMENT: true,
  FORBID_TAGS: ['form', 'input', 'textarea', 'select', 'button', 'option', 'dialog'],
  FORBID_ATTR: ['srcset', 'ping', 'autofocus', 'action', 'formaction', 'popover', 'popovertarget'],
  ALLOW_UNKNOWN_PROTOCOLS: false,
} as const satisfies Config;

const SOURCES = ['src', 'poster', 'background'] as const;

/** The card's HTML as nodes without scripts, its pictures and sounds led to `mediaUrl`. */
export function sanitizeCard(html: string, mediaUrl: string): DocumentFragment {
  const fragment = DOMPurify.sanitize(html, CONFIG);
  for (const element of fragment.querySelectorAll('*')) {
    for (const name of SOURCES) resolve(element, name, mediaUrl);
    const style = element.getAttribute('style');
    if (style) element.setAttribute('style', resolveCss(style, mediaUrl));
    if (element instanceof HTMLStyleElement) {
      element.textContent = resolveCss(element.textContent, mediaUrl);
    }
    if (element instanceof HTMLAnchorElement) makeSafeLink(element);
  }
  return fragment;
}

function resolve(element: Element, name: string, mediaUrl: string): void {
  const address = element.getAttribute(name);
  if (address !== null) element.setAttribute(name, resolveAddress(address, mediaUrl));
}

/** A link opens in a window of its own, which learns nothing of this one. */
function makeSafeLink(link: HTMLAnchorElement): void {
  const address = link.getAttribute('href') ?? '';
  if (!/^(?:https?:|mailto:)/i.test(address.trim())) link.removeAttribute('href');
  link.target = '_blank';
  link.rel = 'noopener noreferrer';
}
