/** Pictures of every screen, in both themes, on the desktop and on a phone, for the documentation. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, test } from 'vitest';

import { ROOT } from '../e2e/support/places';
import { OUTSIDE, type Screen, open, richPerson } from '../e2e/support/screens';
import { PHONE, type VisitOptions, visit } from '../e2e/support/visit';
import { smallPng } from './smallPng';

const TARGET = join(ROOT, 'docs/screenshots');
const DESK = { width: 1024, height: 720 };
const LOOKS = [
  { name: 'desktop-light', viewport: DESK, colorScheme: 'light' },
  { name: 'desktop-dark', viewport: DESK, colorScheme: 'dark' },
  { name: 'phone-light', viewport: PHONE, colorScheme: 'light' },
  { name: 'phone-dark', viewport: PHONE, colorScheme: 'dark' },
] as const;

/** What hardly anybody sees. */
const RARE = ['browse-none', 'not-found', 'study-empty'];
/** On a phone it is not beside the list but on a page of its own. */
const WIDE = ['browse-card'];

beforeAll(() => {
  rmSync(TARGET, { recursive: true, force: true });
  mkdirSync(TARGET, { recursive: true });
});

test.each(LOOKS)('$name', { timeout: 120_000 }, async ({ name, ...look }) => {
  const { person, screens } = await richPerson();
  await photograph(OUTSIDE, name, look);
  await photograph(screens, name, { ...look, person });
});

async function photograph(
  screens: readonly Screen[],
  look: string,
  options: VisitOptions,
): Promise<void> {
  const { page } = await visit('/', options);
  const leftOut = look.startsWith('phone') ? [...RARE, ...WIDE] : RARE;
  for (const screen of screens.filter(({ name }) => !leftOut.includes(name))) {
    await open(page, screen);
    // What hangs on pictures and fonts.
    await page.waitForTimeout(300);
    const path = join(TARGET, `${screen.name}-${look}.png`);
    writeFileSync(path, smallPng(await page.screenshot()));
  }
}
