import { expect, onTestFinished, test } from 'vitest';

import { newPerson } from './support/person';
import { startServer } from './support/server';
import { answerManyByKeyboard, cardSide } from './support/study';
import { failedLoad, visit } from './support/visit';

/** Long enough for what was fetched to be kept on the device. */
const KEPT_MS = 1000;

test('ten answers without a network, with a reload among them, arrive once', async () => {
  const person = await newPerson();
  const deckId = await person.deckOf(12);
  const { page, context } = await visit('/', {
    person,
    expected: [failedLoad('net::ERR_(INTERNET_DISCONNECTED|FAILED)')],
  });
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.goto(`/decks/${deckId}/study`);
  await cardSide(page, 'Question').getByText('word 1').waitFor();
  await page.waitForTimeout(KEPT_MS);

  await context.setOffline(true);
  await answerManyByKeyboard(page, 5);
  await page.getByText('Offline, 5 answers wait').waitFor();
  await page.reload();
  await cardSide(page, 'Question').getByText('word 6').waitFor();
  await answerManyByKeyboard(page, 5);
  await page.getByText('Offline, 10 answers wait').waitFor();
  expect(await person.answers()).toBe(0);

  await context.setOffline(false);
  expect(await person.answersAtLeast(10)).toBe(10);
  await page.getByText('Saved', { exact: true }).waitFor();
  await answerManyByKeyboard(page, 2);
  expect(await person.answersAtLeast(12)).toBe(12);
});

test('the last answers without a network are taken back, by key and by button', async () => {
  const person = await newPerson();
  const deckId = await person.deckOf(3);
  const { page, context } = await visit('/', {
    person,
    expected: [failedLoad('net::ERR_(INTERNET_DISCONNECTED|FAILED)')],
  });
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.goto(`/decks/${deckId}/study`);
  await cardSide(page, 'Question').getByText('word 1').waitFor();
  await page.waitForTimeout(KEPT_MS);
  await context.setOffline(true);

  const over = page.getByRole('heading', { name: 'That was all on this device' });
  await answerManyByKeyboard(page, 3);
  await over.waitFor();
  await page.keyboard.press('u');
  await cardSide(page, 'Question').getByText('word 3').waitFor();
  await page.keyboard.press('Control+z');
  await cardSide(page, 'Question').getByText('word 2').waitFor();
  await page.getByText('Offline, 1 answer waits').waitFor();
  await answerManyByKeyboard(page, 2);
  await over.waitFor();
  await page.reload();
  await over.waitFor();
  await page.getByRole('main').getByRole('button', { name: 'Undo' }).last().click();
  await cardSide(page, 'Question').getByText('word 3').waitFor();

  await context.setOffline(false);
  expect(await person.answersAtLeast(2)).toBe(2);
  await answerManyByKeyboard(page, 1);
  expect(await person.answersAtLeast(3)).toBe(3);
});

test('pictures that were fetched ahead are there without a network, until one logs out', async () => {
  const person = await newPerson();
  const deckId = await person.deck('Pictures');
  const picture = await person.media('cat.png', smallPicture());
  await person.card(deckId, { front: 'one', back: 'no picture' });
  await person.card(deckId, { front: 'two', back: `<img src="${picture}">` });
  const { page, context } = await visit('/', {
    person,
    expected: [failedLoad('net::ERR_(INTERNET_DISCONNECTED|FAILED)')],
  });
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.goto(`/decks/${deckId}/study`);
  await cardSide(page, 'Question').getByText('one', { exact: true }).waitFor();
  await expect.poll(() => page.evaluate(keptFiles), { timeout: 15_000 }).toContain('cat.png');

  await context.setOffline(true);
  // As if it had never been shown, or its address were an old one.
  const session = await context.newCDPSession(page);
  await session.send('Network.clearBrowserCache');
  await page.reload();
  await answerManyByKeyboard(page, 1);
  await page.keyboard.press('Space');
  const shown = cardSide(page, 'Answer').locator('img');
  await expect.poll(() => shown.evaluate(widthOf)).toBe(1);

  await context.setOffline(false);
  await page.goto('/');
  await page.getByRole('button', { name: 'Menu of Ana Souza' }).click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await page.waitForURL(/login/);
  expect(await page.evaluate(keptFiles)).toEqual([]);
});

const widthOf = (image: Element) => (image as HTMLImageElement).naturalWidth;

/** Runs in the page: the names of the files that it keeps. */
async function keptFiles(): Promise<string[]> {
  const found: string[] = [];
  for (const name of await caches.keys()) {
    if (!name.startsWith('javumbo-media')) continue;
    const requests = await (await caches.open(name)).keys();
    found.push(...requests.map(({ url }) => url.split('/').at(-1) ?? ''));
  }
  return found;
}

function smallPicture(): Uint8Array<ArrayBuffer> {
  const png =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  return new Uint8Array(Buffer.from(png, 'base64'));
}

test('no answer is lost when the service is killed and comes back', async () => {
  const server = await startServer();
  onTestFinished(server.close);
  const person = await newPerson({ address: server.address });
  const deckId = await person.deckOf(12);
  const { page } = await visit(`/decks/${deckId}/study`, {
    person,
    expected: [failedLoad('net::ERR_(CONNECTION|EMPTY_RESPONSE|SOCKET)')],
  });

  await answerManyByKeyboard(page, 3);
  await server.kill();
  await answerManyByKeyboard(page, 4);
  await page.getByText(/answers? (is|are) not saved yet/).waitFor();
  await server.start();
  await answerManyByKeyboard(page, 3);

  expect(await person.answersAtLeast(10)).toBe(10);
  await page.getByText('Saved', { exact: true }).waitFor();
  expect(await page.getByRole('alert').count()).toBe(0);
});
