import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';

import { type HostileDeck, PAYLOADS, hostileDeck } from './support/hostile';
import { type Person, newPerson } from './support/person';
import { settled } from './support/screens';
import { finished, ratings, showButton } from './support/study';
import { failedLoad, visit } from './support/visit';

/** Some of the cards are enough where each takes its time. */
const EDITED = [0, 3, 16, 60];

// Dialogs, requests that leave, and what the policy has to stop fail the test by themselves.
const EXPECTED = [
  // The media files that payloads name are not there.
  failedLoad('404'),
  // What the sanitizer reads does nothing, and the browser says so of the page that it reads it in.
  /^Blocked script execution in '[^']*\/card\.html' because the document's frame is sandboxed/,
  /^Setting the document's base URI to .* The action has been blocked\./,
];

let person: Person;
let deck: HostileDeck;

beforeAll(async () => {
  person = await newPerson();
  deck = await hostileDeck(person);
});

test('what is shown as words is read without a remark of the browser', async () => {
  const json = { description: PAYLOADS.join('<br>') };
  await person.call('PUT', `/api/decks/${deck.deckId}`, { json });
  const { page } = await visit('/', { person, expected: [] });
  for (const path of ['/', `/decks/${deck.deckId}`, '/browse', '/media', '/notetypes', '/stats']) {
    await page.goto(path);
    await settled(page);
    expect(page.frames()).toHaveLength(1);
    await expectHarmless(page);
  }
});

test('nothing that cards, names or files bring is run, and nothing leaves', async () => {
  const { deckId, count, cardIds, drawing } = deck;
  const { page } = await visit(`/decks/${deckId}/study`, { person, expected: EXPECTED });

  for (let at = 0; at < count; at += 1) {
    await showButton(page).waitFor();
    await page.keyboard.press('Space');
    await ratings(page).waitFor();
    if (at % 10 === 0) await expectHarmless(page);
    await page.keyboard.press('4');
  }
  await finished(page).waitFor();
  expect(await person.answersAtLeast(count)).toBe(count);

  const edited = EDITED.map((at) => `/cards/${cardIds[at] ?? 0}/edit`);
  const places = ['/', `/decks/${deckId}`, `/decks/${deckId}/add`, '/browse', '/media'];
  for (const path of [...places, '/stats', '/export', '/notetypes', ...edited]) {
    await page.goto(path);
    await settled(page);
    await expectHarmless(page);
  }
  await page.goto('/browse');
  await page.getByRole('row').nth(1).click();
  await settled(page);
  await expectHarmless(page);

  await openDrawing(page, person.address, await mediaUrl(person), drawing);
});

test('under the sanitizer lie a sandbox and a policy, which nothing else is to need', async () => {
  const path = `/cards/${deck.cardIds[0] ?? 0}/edit`;
  const { page } = await visit(path, { person, expected: EXPECTED });
  const frames = page.locator('iframe');
  await frames.first().waitFor({ state: 'attached' });
  for (const frame of await frames.all()) {
    expect(await frame.getAttribute('sandbox')).toBe('allow-same-origin');
  }
  for (const shown of ['/card.html', '/card-remote.html']) {
    const answer = await fetch(person.address + shown);
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/default-src 'none'.*base-uri 'none'.*sandbox allow-same-origin$/);
    expect(policy).not.toMatch(/script-src|connect-src|frame-src/);
  }
});

/** The login is where it was, nobody has read it, and each frame shows a card and nothing else. */
async function expectHarmless(page: Page): Promise<void> {
  expect(await page.evaluate(() => 'stolen' in window)).toBe(false);
  expect(await page.evaluate(() => localStorage.getItem('javumbo.session'))).not.toBeNull();
  const frames = page.frames().slice(1);
  const places = frames.map((frame) => frame.url()).filter((url) => url !== '');
  for (const url of places) expect(new URL(url).pathname).toBe('/card.html');
}

/** Shown alone a drawing could run what is in it: it is saved instead. */
async function openDrawing(page: Page, address: string, folder: string, name: string) {
  const saved = page.waitForEvent('download');
  await page.goto(address + folder + name).catch(() => undefined);
  expect((await saved).suggestedFilename()).toBe(name);
}

async function mediaUrl(person: { call: <A>(method: string, path: string) => Promise<A> }) {
  return (await person.call<{ media_url: string }>('GET', '/api/media')).media_url;
}
