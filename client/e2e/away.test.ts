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
