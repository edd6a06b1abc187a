import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { newPerson } from './support/person';
import { CLIENT, python } from './support/places';
import { answerByKeyboard, cardSide, showButton } from './support/study';
import { visit } from './support/visit';

test('a package with pictures and sounds is imported and studied', async () => {
  const { page } = await visit('/import', { person: await newPerson() });
  const sounds: string[] = [];
  page.on('response', (answer) => {
    if (answer.url().endsWith('.wav')) sounds.push(`${answer.status()}`);
  });

  await page.locator('input[type=file]').setInputFiles(makePackage());
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await page.getByText('Imported', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'See decks' }).click();
  await page.getByRole('link', { name: 'Céu' }).click();

  for (const word of ['sun and moon', 'heart']) {
    await showButton(page).waitFor();
    const picture = cardSide(page, 'Question').locator('img');
    await expect
      .poll(() => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth))
      .toBe(24);
    await page.keyboard.press('Space');
    await cardSide(page, 'Answer').getByText(word).waitFor();
    await cardSide(page, 'Answer').getByRole('button', { name: 'Play' }).waitFor();
    await expect.poll(() => sounds.length).toBeGreaterThan(0);
    await page.keyboard.press('4');
  }
  expect(sounds.every((status) => /^20[06]$/.test(status))).toBe(true);
});

test('what is typed is compared, as in Anki', async () => {
  const person = await newPerson();
  const deckId = await person.deck('Typing');
  const { notetype_id } = await person.call<{ notetype_id: number }>('POST', '/api/notetypes', {
    json: { name: 'Typed', stock: 'basic_typing' },
  });
  const fields = { Front: 'sun', Back: 'o sol' };
  await person.card(deckId, { notetype_id, fields });
  const { page } = await visit(`/decks/${deckId}/study`, { person });
  await page.getByPlaceholder('Type the answer').fill('o sal');
  await page.keyboard.press('Enter');
  await cardSide(page, 'Answer').locator('.typeBad').first().waitFor();
  expect(await cardSide(page, 'Answer').locator('#typeans').textContent()).toContain('o sol');
  await page.keyboard.press('4');
  expect(await person.answersAtLeast(1)).toBe(1);
});

test('undo takes back an answer, on the finished screen too', async () => {
  const person = await newPerson();
  const deckId = await person.deckOf(1);
  const { page } = await visit(`/decks/${deckId}/study`, { person });
  await answerByKeyboard(page);
  await page.getByRole('heading', { name: 'Well done, that is all for now' }).waitFor();
  expect(await person.answersAtLeast(1)).toBe(1);
  await page.keyboard.press('u');
  await cardSide(page, 'Question').getByText('word 1').waitFor();
  await expect.poll(() => person.answers()).toBe(0);
});

/** A shared deck as people find them, made by another program. */
function makePackage(): string {
  const folder = mkdtempSync(join(tmpdir(), 'javumbo-e2e-package-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'figuras.apkg');
  const maker = join(CLIENT, 'e2e/support/make_package.py');
  const done = spawnSync(python(), [maker, path], { encoding: 'utf8' });
  expect(done.stderr).toBe('');
  return path;
}
