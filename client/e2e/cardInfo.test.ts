import { expect, test } from 'vitest';

import { newPerson } from './support/person';
import { answerByKeyboard, cardSide, showButton } from './support/study';
import { DESKTOP, PHONE, visit } from './support/visit';

test('what is known of a card is one key away while studying, and in the list', async () => {
  const person = await newPerson();
  const deckId = await person.deckOf(2);
  const { page } = await visit(`/decks/${deckId}/study`, { person });
  await answerByKeyboard(page, 3);
  await person.answersAtLeast(1);
  await page.keyboard.press('i');
  const dialog = page.getByRole('dialog', { name: 'Card info' });
  await dialog.getByText('Not answered yet.').waitFor();
  await page.setViewportSize(PHONE);
  expect(await dialog.evaluate((one) => one.scrollWidth - one.clientWidth)).toBe(0);
  await page.setViewportSize(DESKTOP);
  await page.keyboard.press('3');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await showButton(page).waitFor();

  await page.goto('/browse');
  await page.getByRole('row').nth(1).click();
  await page.getByRole('button', { name: 'Card info' }).click();
  await dialog.getByRole('row', { name: /Learn Good/ }).waitFor();
});

test('cards go on by themselves once somebody asks for it, where the options have a time', async () => {
  const person = await newPerson();
  const deckId = await person.deckOf(2);
  const { page } = await visit(`/decks/${deckId}/options`, { person });
  await page.getByLabel('Seconds to show question for').fill('0.5');
  await page.getByLabel('Seconds to show answer for').fill('0.5');
  await page.getByLabel('Answer action').selectOption('Answer Good');
  const save = page.getByRole('button', { name: 'Save' });
  await save.click();
  await save.waitFor({ state: 'detached' });
  await page.goto(`/decks/${deckId}/study`);
  await cardSide(page, 'Question').getByText('word 1').waitFor();
  await page.waitForTimeout(1000);
  await cardSide(page, 'Question').getByText('word 1').waitFor();
  await page.keyboard.press('Shift+A');
  await page.getByText('Cards go on by themselves now.').waitFor();
  expect(await person.answersAtLeast(2)).toBeGreaterThanOrEqual(2);
});
