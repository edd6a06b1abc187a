import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';

import { expectCleanForAnki } from './support/anki';
import { PASSWORD, newName } from './support/person';
import { type VisitOptions, visit } from './support/visit';
import { type Language, type Say, wordsOf } from './support/words';

const CARDS = 20;
/** Of the deck that a newcomer may try. */
const SAMPLE = 12;

test('a newcomer adds cards, studies them by keys, and takes all to Anki', async () => {
  const { page } = await begin('en', {});
  await mainJob(page, wordsOf('en'), { cards: CARDS, study: byKeys });
});

test('the same on a phone, by touch', async () => {
  const { page } = await begin('en', { isPhone: true });
  await mainJob(page, wordsOf('en'), { cards: 5, study: byTouch });
  // Nothing is wider than the screen.
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(390);
});

test('the same in Portuguese, for whose browser it is set', async () => {
  const { page } = await begin('pt-BR', { locale: 'pt-PT' });
  await page.getByRole('link', { name: 'Criar uma conta' }).waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('pt-BR');
  await mainJob(page, wordsOf('pt-BR'), { cards: 5, study: byKeys });
  await page.getByRole('link', { name: 'Baralhos' }).first().click();
  await page.getByRole('heading', { name: 'Baralhos', level: 1 }).waitFor();
  expect(await page.title()).toBe('Baralhos · JAVUMBO');
});

test('the same in Spanish', async () => {
  const { page } = await begin('es', { locale: 'es-MX' });
  expect(await page.locator('html').getAttribute('lang')).toBe('es');
  await mainJob(page, wordsOf('es'), { cards: 5, study: byKeys });
});

type Study = (page: Page, say: Say, count: number) => Promise<void>;

async function begin(language: Language, options: VisitOptions) {
  const visited = await visit('/', options);
  await visited.page
    .getByRole('heading', { name: wordsOf(language)('auth', 'logIn'), level: 1 })
    .waitFor();
  return visited;
}

async function mainJob(page: Page, say: Say, { cards, study }: { cards: number; study: Study }) {
  await register(page, say);
  await addDeck(page, say, 'Verbos');
  await addCards(page, say, cards);
  await page.getByRole('link', { name: say('shell', 'decks'), exact: true }).click();
  await page.getByRole('link', { name: 'Verbos' }).click();
  await study(page, say, cards);
  await page.getByRole('heading', { name: say('study', 'finished.title') }).waitFor();
  await seeStatistics(page, say, cards);
  await takeToAnki(page, say, cards);
}

async function register(page: Page, say: Say): Promise<void> {
  await page.getByRole('link', { name: say('auth', 'register') }).click();
  await page.getByLabel(say('auth', 'name'), { exact: true }).fill('Ana');
  await page.getByLabel(say('auth', 'username'), { exact: true }).fill(newName());
  await page.getByLabel(say('auth', 'password'), { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: say('auth', 'register') }).click();
  await page.getByRole('heading', { name: say('decks', 'title'), level: 1 }).waitFor();
}

async function addDeck(page: Page, say: Say, name: string): Promise<void> {
  await page
    .getByRole('button', { name: say('decks', 'new') })
    .first()
    .click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(say('decks', 'name'), { exact: true }).fill(name);
  await dialog.getByRole('button', { name: say('decks', 'create') }).click();
  await page.getByRole('button', { name: say('decks', 'menuOf', { name }) }).click();
  await page.getByRole('menuitem', { name: say('decks', 'menu.add') }).click();
}

async function addCards(page: Page, say: Say, count: number): Promise<void> {
  const deck = page.getByLabel(say('data', 'deck'), { exact: true });
  await expect.poll(() => deck.locator('option:checked').textContent()).toBe('Verbos');
  const [front, back] = [page.getByRole('textbox').nth(0), page.getByRole('textbox').nth(1)];
  for (let number = 1; number <= count; number += 1) {
    await front.fill(`verbo ${number}`);
    await back.fill(`<b>verb</b> ${number}`);
    await page.keyboard.press('Control+Enter');
    await expect.poll(() => front.inputValue()).toBe('');
  }
}

async function byKeys(page: Page, say: Say, count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    await page.getByRole('button', { name: say('study', 'showAnswer') }).waitFor();
    await page.keyboard.press('Space');
    await page.getByRole('group', { name: say('study', 'howWell') }).waitFor();
    await page.keyboard.press('4');
  }
}

async function byTouch(page: Page, say: Say, count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    await page.getByRole('button', { name: say('study', 'showAnswer') }).tap();
    await page.getByRole('button', { name: say('study', 'ratings.easy') }).tap();
  }
}

async function seeStatistics(page: Page, say: Say, count: number): Promise<void> {
  await page
    .getByRole('link', { name: say('study', 'toStats') })
    .last()
    .click();
  await page.getByRole('heading', { name: say('stats', 'title'), level: 1 }).waitFor();
  const [answered = ''] = say('stats', 'today.summary_other', { amount: count, time: '|' }).split(
    '|',
  );
  await page.getByText(answered.trim()).first().waitFor();
}

async function takeToAnki(page: Page, say: Say, count: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'javumbo-e2e-export-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  await page.getByRole('button', { name: say('shell', 'person', { name: 'Ana' }) }).click();
  await page.getByRole('menuitem', { name: say('shell', 'export') }).click();
  await page.getByLabel(say('transfer', 'export.formats.anki2')).check();
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: say('transfer', 'export.action'), exact: true }).click();
  const file = await saved;
  expect(file.suggestedFilename()).toMatch(/\.anki2$/);
  const path = join(folder, file.suggestedFilename());
  await file.saveAs(path);
  const { counts } = expectCleanForAnki(path);
  expect(counts).toMatchObject({ notes: SAMPLE + count, cards: SAMPLE + count, revlog: count });
}
