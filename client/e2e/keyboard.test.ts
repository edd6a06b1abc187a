import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';

import { PASSWORD, newName } from './support/person';
import { visit } from './support/visit';

const MAX_STEPS = 60;
const CARDS = 3;

test('the whole job by Tab and Enter alone, and one always sees where one is', async () => {
  const { page } = await visit('/');
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
  await press(page, 'Create an account');
  await type(page, 'Your name', 'Ana');
  await type(page, 'User name', newName());
  await type(page, 'Password', PASSWORD);
  await press(page, 'Create an account');

  await page.getByRole('heading', { name: 'Decks', level: 1 }).waitFor();
  await press(page, 'New deck');
  await page.getByRole('dialog').waitFor();
  await type(page, 'Name', 'Verbs');
  await press(page, 'Create');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await openAddPage(page);

  for (let number = 1; number <= CARDS; number += 1) {
    await type(page, 'Front', `verb ${number}`);
    await type(page, 'Back', `verbo ${number}`);
    await press(page, 'Add');
    await expect.poll(() => page.getByLabel('Front').inputValue()).toBe('');
  }
  await press(page, 'Decks');
  await page.getByRole('heading', { name: 'Decks', level: 1 }).waitFor();
  await press(page, 'Verbs');
  for (let number = 1; number <= CARDS; number += 1) {
    await press(page, 'Show answer');
    await page.getByRole('group', { name: 'How well did you know it?' }).waitFor();
    await press(page, /^Easy/);
  }
  await page.getByRole('heading', { name: 'Well done, that is all for now' }).waitFor();
  await press(page, 'Statistics');
  await page.getByText('3 cards answered in').first().waitFor();
});

async function openAddPage(page: Page): Promise<void> {
  await press(page, 'Menu of Verbs');
  // In menus arrows move.
  await page.getByRole('menuitem', { name: 'Study' }).waitFor();
  await page.keyboard.press('ArrowDown');
  expect((await focused(page)).name).toBe('Add cards');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Add cards' }).waitFor();
}

async function type(page: Page, name: string, text: string): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.type(text);
}

async function press(page: Page, name: string | RegExp): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press('Enter');
}

/** Go on by Tab until what is called so has the focus. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const passed: string[] = [];
  for (let steps = 0; steps < MAX_STEPS; steps += 1) {
    const at = await focused(page);
    if (typeof name === 'string' ? at.name === name : name.test(at.name)) return;
    passed.push(at.name);
    await page.keyboard.press('Tab');
    const next = await focused(page);
    expect(next.isVisible, `one sees that "${next.name}" has the focus`).toBe(true);
  }
  throw new Error(`Tab does not lead to ${String(name)}, but to ${passed.join(', ')}.`);
}

/** What has the focus: what it is called, and whether that can be seen. */
async function focused(page: Page): Promise<{ name: string; isVisible: boolean }> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement) || element === document.body) {
      return { name: '', isVisible: true };
    }
    const labels = 'labels' in element ? (element.labels as NodeListOf<HTMLElement> | null) : null;
    const name = element.ariaLabel ?? labels?.[0]?.textContent ?? element.textContent;
    // A page's heading is only where one begins to read, and a frame shows its focus itself.
    const style = getComputedStyle(element);
    const hasOutline = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
    return {
      name: name.trim(),
      isVisible: hasOutline || element.matches('h1, iframe'),
    };
  });
}
