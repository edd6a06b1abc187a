/** Every screen, with what is needed to see it. */
import { join } from 'node:path';

import type { Page } from 'playwright-core';

import { Person, newPerson } from './person';
import { DECKS } from './places';

export interface Screen {
  name: string;
  path: string;
  /** What is done there before it is looked at. */
  prepare?: (page: Page) => Promise<unknown>;
}

/** A person with a real collection: decks in decks, pictures, sounds, weeks of study. */
let rich: Promise<{ person: Person; screens: Screen[] }> | null = null;

/** Made once, for tests that only look. */
export function richPerson(): Promise<{ person: Person; screens: Screen[] }> {
  rich ??= makeRichPerson();
  return rich;
}

async function makeRichPerson() {
  const person = await newPerson({ sampleDeck: true });
  await person.importFile(join(DECKS, 'jlpt-n5-legacy.apkg'));
  await person.deck('Music');
  await answerOneCard(person, await person.deckOf(1, 'Verbs'));
  return { person, screens: await screensOf(person) };
}

async function answerOneCard(person: Person, deckId: number): Promise<void> {
  const { cards } = await person.call<{ cards: { id: number; answer_token: string }[] }>(
    'GET',
    `/api/review/${deckId}`,
  );
  const [card] = cards;
  const answer = { card_id: card?.id, answer_token: card?.answer_token, rating: 4 };
  await person.call('POST', '/api/review', { json: { ...answer, time_taken_ms: 4000 } });
}

export const OUTSIDE: readonly Screen[] = [
  { name: 'login', path: '/login' },
  { name: 'register', path: '/register' },
];

async function screensOf(person: Person): Promise<Screen[]> {
  const capitals = await person.deckNamed('Geo::Capitals');
  const empty = await person.deckNamed('Music');
  const done = await person.deckNamed('Verbs');
  const { notetypes } = await person.call<{ notetypes: { id: number; name: string }[] }>(
    'GET',
    '/api/notetypes',
  );
  const notetypeId = notetypes.find(({ name }) => name === 'JLPT')?.id ?? 0;
  const found = await person.call<{ cards: { id: number }[] }>(
    'GET',
    `/api/cards?deck_id=${capitals.id}&per_page=1`,
  );
  const cardId = found.cards[0]?.id ?? 0;
  const deck = `/decks/${capitals.id}`;
  return [
    { name: 'decks', path: '/' },
    { name: 'deck', path: deck },
    { name: 'deck-options', path: `${deck}/options` },
    { name: 'study-question', path: `${deck}/study`, prepare: cardShown },
    { name: 'study-answer', path: `${deck}/study`, prepare: showAnswer },
    { name: 'study-finished', path: `/decks/${done.id}/study` },
    { name: 'study-empty', path: `/decks/${empty.id}/study` },
    { name: 'add', path: `${deck}/add` },
    { name: 'edit', path: `/cards/${cardId}/edit`, prepare: cardShown },
    { name: 'browse', path: '/browse' },
    { name: 'browse-none', path: '/browse?q=tag:nothing' },
    { name: 'browse-card', path: `/browse?q=deck:Geo&card=${cardId}` },
    { name: 'stats', path: '/stats?period=year' },
    { name: 'import', path: '/import' },
    { name: 'export', path: '/export' },
    { name: 'backups', path: '/backups' },
    { name: 'media', path: '/media' },
    { name: 'notetypes', path: '/notetypes' },
    { name: 'notetype', path: `/notetypes/${notetypeId}` },
    { name: 'account', path: '/account' },
    { name: 'not-found', path: '/nowhere' },
  ];
}

/** Go to a screen and wait until all of it is there. */
export async function open(page: Page, screen: Screen): Promise<void> {
  await page.goto(screen.path);
  await settled(page);
  await screen.prepare?.(page);
  await settled(page);
}

export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  await page.waitForFunction(
    () => document.querySelector('main [aria-busy=true], main [role=status][aria-label]') === null,
  );
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100))),
  );
}

async function cardShown(page: Page): Promise<void> {
  await page.locator('main iframe').first().contentFrame().locator('#qa').waitFor();
}

async function showAnswer(page: Page): Promise<void> {
  await cardShown(page);
  // Where something is to be typed the keys go there.
  await page.locator('[data-first]').click();
  await page.locator('[data-first]').waitFor();
}
