import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';

import { OUTSIDE, type Screen, open, richPerson } from './support/screens';
import { visit } from './support/visit';

/** A word's name in the place of the word: `decks.title`, `showAnswer`. */
const KEY = /^(?:[a-z][A-Za-z0-9_]*(?:\.[A-Za-z0-9_-]+)+|[a-z]+[A-Z][A-Za-z]*)$/;
const UNFILLED = /\{\{|\}\}/;
/** What is not ours to translate. */
const NAMES =
  /JAVUMBO|Ana Souza|Geo|Capitals|JLPT|Tenses|Music|Verbs|Anki|English|Español|Português/;
const FIELDS = /^(?:Front|Back)$/;
const FILES = /\.(?:wav|png|svg|mp3)$/;

// The words of `pseudo` are those of English, changed so that one sees what is not translated.
test('every screen has its words in each language, and none that are not translated', async () => {
  const found = await Promise.all([outsideTexts('es'), texts('es'), texts('pt-BR'), pseudoTexts()]);
  expect(found.flat()).toEqual([]);
});

async function outsideTexts(language: string): Promise<string[]> {
  const { page } = await visit(`/login?lang=${language}`);
  return lookAt(page, OUTSIDE, (name) => strangeTexts(page, name));
}

async function texts(language: string): Promise<string[]> {
  const { person, screens } = await richPerson();
  const { page } = await visit(`/?lang=${language}`, { person });
  return lookAt(page, screens, async (name) => {
    const isIt = (await page.locator('html').getAttribute('lang')) === language;
    const strange = await strangeTexts(page, name);
    return isIt ? strange : [`${name} is not in ${language}`, ...strange];
  });
}

async function pseudoTexts(): Promise<string[]> {
  const { person, screens } = await richPerson();
  const { page } = await visit('/?lang=pseudo', { person });
  return lookAt(page, screens, async (name) => {
    const untranslated = (await ownTexts(page)).filter(isUntranslated);
    return [...(await strangeTexts(page, name)), ...untranslated.map((text) => `${name}: ${text}`)];
  });
}

async function lookAt(
  page: Page,
  screens: readonly Screen[],
  look: (name: string) => Promise<string[]>,
): Promise<string[]> {
  const found: string[] = [];
  for (const screen of screens) {
    await open(page, screen);
    found.push(...(await look(screen.name)));
  }
  return found;
}

async function strangeTexts(page: Page, place: string): Promise<string[]> {
  const all = await textsOf(page);
  return all
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
