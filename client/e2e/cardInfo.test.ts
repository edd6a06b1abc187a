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
  const { page } = await visit('/', { person });
  await page.route('**/api/review/*', async (route) => {
    const answer = await route.fetch();
    const body = (await answer.json()) as { cards: { options: object }[] };
    for (const card of body.cards) Object.assign(card.options, { auto_advance: ADVANCE });
    await route.fulfill({ response: answer, json: body });
  });
  await page.goto(`/decks/${deckId}/study`);
  await cardSide(page, 'Question').getByText('word 1').waitFor();
  await page.waitForTimeout(2 * ADVANCE.question_ms);
  await cardSide(page, 'Question').getByText('word 1').waitFor();
  await page.keyboard.press('Shift+A');
  await page.getByText('Cards go on by themselves now.').waitFor();
  expect(await person.answersAtLeast(2)).toBeGreaterThanOrEqual(2);
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});

const ADVANCE = {
  question_ms: 500,
  answer_ms: 500,
  question_action: 'show_answer',
  answer_action: 'good',
  waits_for_audio: true,
};
