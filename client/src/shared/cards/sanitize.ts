/** Cards are somebody else's HTML: only what cannot act is let through. */
import type { Config } from 'dompurify';

import { type Addresses, safeAddress, safeLink } from './address';
import { safeCss } from './css';
import { sanitizer } from './workshop';

const CONFIG = {
  RETURN_DOM_FRAGMENT: true,
  FORCE_BODY: true, // or a style at the beginning is lost
  FORBID_TAGS: [
    ...['form', 'input', 'textarea', 'select', 'button', 'option', 'optgroup', 'datalist'],
    ...['dialog', 'template', 'slot', 'animatecolor', 'animatemotion', 'animatetransform'],
  ],
  FORBID_ATTR: [
    ...['srcset', 'ping', 'action', 'formaction', 'cite', 'longdesc', 'download', 'autofocus'],
    ...['accesskey', 'contenteditable', 'popover', 'popovertarget', 'popovertargetaction'],
  ],
  ALLOW_UNKNOWN_PROTOCOLS: false,
} as const satisfies Config;

const SOURCES = new Set(['src', 'poster', 'background']);
const PICTURES = new Set(['image', 'feimage']);
const MAY_HAVE_ADDRESS = /url|src|image-set|\\/i;

/** The card's HTML as nodes without scripts, its pictures and sounds led to the media files. */
export function sanitizeCard(html: string, addresses: Addresses): DocumentFragment {
  // Nothing comes back where a page of frames was meant.
  const sanitized = sanitizer().sanitize(html, CONFIG) as DocumentFragment | null;
  const fragment = sanitized ?? document.createDocumentFragment();
  for (const element of fragment.querySelectorAll('*')) {
    for (const attribute of [...element.attributes]) confine(element, attribute, addresses);
    if (element.localName === 'style') {
      element.textContent = safeCss(element.textContent, (at) => safeAddress(at, addresses));
    }
    if (isHtml(element) && element.localName === 'a') {
      element.setAttribute('target', '_blank');
      element.setAttribute('rel', 'noopener noreferrer');
    }
  }
  return fragment;
}

/** Leave an attribute's addresses only where they lead to a media file, or nowhere. */
function confine(element: Element, attribute: Attr, addresses: Addresses): void {
  const value = confined(element, attribute, addresses);
  if (value === null) element.removeAttributeNode(attribute);
  else if (value !== attribute.value) attribute.value = value;
}

function confined(element: Element, attribute: Attr, addresses: Addresses): string | null {
  const { value } = attribute;
  const name = attribute.localName.toLowerCase();
  if (name === 'href') return confinedHref(element, value, addresses);
  if (SOURCES.has(name)) return safeAddress(value, addresses);
  if (name === 'style') return safeCss(value, (at) => safeAddress(at, addresses));
  // Fillings, filters and the like of a drawing: only what is in the drawing.
  const isDrawn = !isHtml(element) && MAY_HAVE_ADDRESS.test(value);
  return isDrawn ? safeCss(value, (at) => (at.startsWith('#') ? at : null)) : value;
}

function confinedHref(element: Element, value: string, addresses: Addresses): string | null {
  const name = element.localName.toLowerCase();
  if (isHtml(element) && name === 'a') return safeLink(value);
  if (PICTURES.has(name)) return safeAddress(value, addresses);
  return name !== 'a' && value.startsWith('#') ? value : null;
}

/** By name: the elements are those of another page, and so are their classes. */
function isHtml(element: Element): boolean {
  return element.namespaceURI === 'http://www.w3.org/1999/xhtml';
}
