import { expect, test } from 'vitest';

import { newPerson } from './support/person';
import { answerManyByKeyboard, finished, studyToTheEnd } from './support/study';
import { failedLoad, visit } from './support/visit';

const CARDS = 20;

test('two tabs study one deck at once: each card is answered once, and nobody is bothered', async () => {
  const person = await newPerson();
  const deckId = await person.deckOf(CARDS);
  // An answer that comes second is refused; that is all there is to see of it, and only here.
  const visited = await visit(`/decks/${deckId}/study`, { person, expected: [failedLoad('409')] });
  const other = await visited.newTab();
  await other.goto(`/decks/${deckId}/study`);

  await Promise.all([studyToTheEnd(visited.page), studyToTheEnd(other)]);

  expect(await person.answersAtLeast(CARDS)).toBe(CARDS);
  expect((await person.deckNamed('Words')).counts).toEqual({ new: 0, learn: 0, review: 0 });
  for (const page of [visited.page, other]) {
    expect(await page.getByRole('alert').count()).toBe(0);
    await finished(page).waitFor();
  }
});

test('two browsers that do not know of each other answer each card once', async () => {
  const person = await newPerson();
  const deckId = await person.deckOf(CARDS);
  const options = { person, expected: [failedLoad('409')] };
  const one = await visit(`/decks/${deckId}/study`, options);
  const two = await visit(`/decks/${deckId}/study`, options);

  await answerManyByKeyboard(one.page, 5);
  expect(await person.answersAtLeast(5)).toBe(5);
  await Promise.all([studyToTheEnd(one.page), studyToTheEnd(two.page)]);

  expect(await person.answersAtLeast(CARDS)).toBe(CARDS);
});
