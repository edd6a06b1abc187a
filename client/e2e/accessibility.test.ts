import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';

import { OUTSIDE, type Screen, open, richPerson, settled } from './support/screens';
import { DESKTOP, PHONE, type VisitOptions, visit } from './support/visit';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
// No script runs in the frames of cards, so axe cannot look into them.
const EVERYTHING: RunOptions = { iframes: false };
const COLOURS: RunOptions = { iframes: false, runOnly: ['color-contrast'] };

describe('axe finds nothing', () => {
  test('before the login', async () => {
    expect(await findings(OUTSIDE, {})).toEqual([]);
  });

  test('on any screen', async () => {
    const { person, screens } = await richPerson();
    const half = Math.ceil(screens.length / 2);
    const parts = [screens.slice(0, half), screens.slice(half)];
    const found = await Promise.all(parts.map((part) => findings(part, { person })));
    expect(found.flat()).toEqual([]);
  });

  test('in dialogs and menus', async () => {
    const { person, screens } = await richPerson();
    const study = screens.find(({ name }) => name === 'study-question');
    const opened: Screen[] = [
      { name: 'new deck', path: '/', prepare: (page) => press(page, 'New deck') },
      { name: 'menu of a deck', path: '/', prepare: (page) => press(page, 'Menu of Geo') },
      { name: 'menu of the person', path: '/', prepare: (page) => press(page, 'Menu of Ana') },
      { name: 'keys', path: study?.path ?? '', prepare: (page) => page.keyboard.press('?') },
      { name: 'card info', path: study?.path ?? '', prepare: (page) => page.keyboard.press('i') },
      { name: 'delete', path: '/account', prepare: (page) => press(page, 'Delete account') },
    ];
    expect(await findings(opened, { person })).toEqual([]);
  });
});

/** What axe has to say of screens in both themes, on the desktop and on a phone. */
async function findings(screens: readonly Screen[], options: VisitOptions): Promise<string[]> {
  const { page } = await visit('/', options);
  const found: string[] = [];
  for (const screen of screens) {
    await page.setViewportSize(DESKTOP);
    await open(page, screen);
    for (const viewport of [DESKTOP, PHONE]) {
      await page.setViewportSize(viewport);
      await settled(page);
      const place = `${screen.name} ${viewport.width}`;
      found.push(...(await violations(page, EVERYTHING, `${place} light`)));
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.waitForTimeout(50);
      found.push(...(await violations(page, COLOURS, `${place} dark`)));
      await page.emulateMedia({ colorScheme: 'light' });
    }
  }
  return found;
}

async function violations(page: Page, options: RunOptions, place: string): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE);
  const results = await page.evaluate(
    (run) =>
      (window as unknown as { axe: { run: (o: RunOptions) => Promise<AxeResults> } }).axe.run(run),
    options,
  );
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${place}: ${id}: ${node.html.slice(0, 150)} ${firstReason(node)}`),
  );
}

function firstReason(node: AxeResults['violations'][number]['nodes'][number]): string {
  return [...node.any, ...node.all, ...node.none][0]?.message ?? '';
}

async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name }).first().click();
}
