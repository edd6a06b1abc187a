import { describe, expect, it } from 'vitest';

import { type CardContent, fillCard, prepareCard } from './cardDocument';
import { HOSTILE_CSS, HOSTILE_HTML } from './hostile';

const MEDIA = '/media/signed/';
const ELEMENTS_THAT_ACT =
  'script, iframe, frame, frameset, object, embed, applet, portal, link, meta, base, form, input, ' +
  'textarea, select, button, template, dialog, animate, set, use, foreignObject, noscript';
const ADDRESSES = ['src', 'href', 'xlink:href', 'poster', 'background', 'data', 'srcset', 'action'];

function contentOf(html: string, css = ''): CardContent {
  return { html, css, mediaUrl: MEDIA, ordinal: 0, isDark: false, playLabel: 'Play' };
}

async function pageWith(content: CardContent): Promise<Document> {
  const page = document.implementation.createHTMLDocument();
  fillCard(page, content, await prepareCard(content).ready);
  return page;
}

function expectHarmless(page: Document): void {
  expect(page.body.querySelector(ELEMENTS_THAT_ACT)).toBeNull();
  for (const element of page.body.querySelectorAll('*')) {
    for (const { name, value } of element.attributes) {
      expect(name).not.toMatch(/^on|^(?:srcset|ping|formaction|autofocus|contenteditable)$/i);
      if (ADDRESSES.includes(name)) expectKnownAddress(element, value);
      if (name === 'style' || value.includes('(')) expectKnownUrls(value);
    }
  }
  for (const style of page.querySelectorAll('style')) expectKnownUrls(style.textContent);
}

function expectKnownAddress(element: Element, value: string): void {
  // A link is opened in a window of its own, when somebody presses it.
  if (element instanceof HTMLAnchorElement) expect(value).toMatch(/^(?:https?:|mailto:)/);
  else expect(value).toMatch(/^(?:\/media\/signed\/[^/]+$|data:image\/|#)/);
}

function expectKnownUrls(css: string): void {
  expect(css).not.toMatch(/@import|expression\(|evil\.example(?!%)/i);
  for (const [, address] of css.matchAll(/url\(\s*["']?([^"')]*)/gi)) {
    expect(address).toMatch(/^(?:\/media\/signed\/|data:,|#)/);
  }
}

describe('a hostile card', () => {
  it.each(HOSTILE_HTML)('does nothing: %s', async (html) => {
    expectHarmless(await pageWith(contentOf(html)));
  });

  it.each(HOSTILE_HTML)('does nothing inside other things: %s', async (html) => {
    expectHarmless(await pageWith(contentOf(`<table><tr><td><b>${html}`)));
    expectHarmless(await pageWith(contentOf(`<svg><title>${html}</title></svg>`)));
  });

  it.each(HOSTILE_CSS)('does nothing by its style: %s', async (css) => {
    const page = await pageWith(contentOf('<p>x</p>', css));
    expect(page.querySelector('script, img')).toBeNull();
    expectHarmless(page);
  });

  it('leaves the page what it is filled by', async () => {
    const page = await pageWith(contentOf('<img name="body"><img name="head"><p>x</p>'));
    fillCard(page, contentOf('y'), document.createDocumentFragment());
    expect(page.querySelectorAll('body')).toHaveLength(1);
    expect(page.querySelectorAll('head > style')).toHaveLength(2);
    expect(page.body.textContent).toBe('');
  });

  it('has remote pictures where they are allowed, and nothing else from there', async () => {
    const html =
      '<img src="https://pics.example/a.png"><img src="http://pics.example/b.png">' +
      '<img src="//pics.example/c.png"><script src="https://pics.example/d.js"></script>';
    const page = await pageWith({ ...contentOf(html), allowRemote: true });
    const addresses = [...page.querySelectorAll('img')].map((image) => image.getAttribute('src'));
    expect(addresses).toEqual(['https://pics.example/a.png', null, 'https://pics.example/c.png']);
    expect(page.querySelector('script')).toBeNull();
  });
});
