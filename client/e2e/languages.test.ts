import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';

import { OUTSIDE, open, richPerson } from './support/screens';
import { visit } from './support/visit';

/** A word's name in the place of the word: `decks.title`, `showAnswer`. */
const KEY = /^(?:[a-z][A-Za-z0-9_]*(?:\.[A-Za-z0-9_-]+)+|[a-z]+[A-Z][A-Za-z]*)$/;
const UNFILLED = /\{\{|\}\}/;
/** What is not ours to translate. */
const NAMES =
  /JAVUMBO|Ana Souza|Geo|Capitals|JLPT|Tenses|Music|Verbs|Anki|English|Español|Português/;
const FIELDS = /^(?:Front|Back)$/;
const FILES = /\.(?:wav|png|svg|mp3)$/;

describe.each(['es', 'pt-BR'])('in %s', (language) => {
  test('every screen has its words', async () => {
    const { person, screens } = await richPerson();
    const outside = await visit(`/login?lang=${language}`);
    const found: string[] = [];
    for (const screen of OUTSIDE) {
      await open(outside.page, screen);
      found.push(...(await strangeTexts(outside.page, screen.name)));
    }
    const { page } = await visit(`/?lang=${language}`, { person });
    for (const screen of screens) {
      await open(page, screen);
      found.push(...(await strangeTexts(page, screen.name)));
      expect(await page.locator('html').getAttribute('lang')).toBe(language);
    }
    expect(found).toEqual([]);
  });
});

// The words of `pseudo` are those of English, changed so that one sees what is not translated.
test('every screen has its words in English, and none that are not translated', async () => {
  const { person, screens } = await richPerson();
  const { page } = await visit('/?lang=pseudo', { person });
  const found: string[] = [];
  for (const screen of screens) {
    await open(page, screen);
    found.push(...(await strangeTexts(page, screen.name)));
    const texts = await ownTexts(page);
    found.push(...texts.filter(isUntranslated).map((text) => `${screen.name}: ${text}`));
  }
  expect(found).toEqual([]);
});

async function strangeTexts(page: Page, place: string): Promise<string[]> {
  const texts = await textsOf(page);
  return texts
    .filter((text) => (KEY.test(text) && !FILES.test(text)) || UNFILLED.test(text))
    .map((text) => `${place}: ${text}`);
}

/** Translated text is in brackets there; numbers, dates and names are not. */
function isUntranslated(text: string): boolean {
  return /\p{L}{4,}/u.test(text) && !/[[\]~]/.test(text) && !NAMES.test(text) && !FIELDS.test(text);
}

/** All that is read or said on the page. */
async function textsOf(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [document.title];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const { nodeValue, parentElement } = walker.currentNode;
      if (!parentElement?.matches('textarea')) found.push(nodeValue ?? '');
    }
    for (const element of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]'))
      for (const name of ['aria-label', 'title', 'placeholder', 'alt'])
        found.push(element.getAttribute(name) ?? '');
    return found.map((text) => text.trim()).filter((text) => text !== '');
  });
}

/** Headings, labels and buttons: what is the interface's own on any screen. */
async function ownTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const OWN = 'h1, h2, h3, label, legend, button, [role=menuitem], thead th, p, figcaption, dt';
    return [...document.querySelectorAll<HTMLElement>(OWN)]
      .map((element) => element.textContent.trim())
      .filter((text) => text !== '');
  });
}
