/** Studying as a person sees it. */
import type { FrameLocator, Locator, Page } from 'playwright-core';

export const FINISHED = 'Well done, that is all for now';

export type Rating = 1 | 2 | 3 | 4;

export const showButton = (page: Page): Locator =>
  page.getByRole('button', { name: 'Show answer' });

export const ratings = (page: Page): Locator =>
  page.getByRole('group', { name: 'How well did you know it?' });

export const finished = (page: Page): Locator => page.getByRole('heading', { name: FINISHED });

/** What is in the frame of the side that is shown. */
export function cardSide(page: Page, side: 'Question' | 'Answer'): FrameLocator {
  return page.getByTitle(side, { exact: true }).contentFrame();
}

/** Answer the next card with two keys. */
export async function answerByKeyboard(page: Page, rating: Rating = 4): Promise<void> {
  await showButton(page).waitFor();
  await page.keyboard.press('Space');
  await ratings(page).waitFor();
  await page.keyboard.press(String(rating));
  await ratings(page).waitFor({ state: 'detached' });
}

export async function answerManyByKeyboard(page: Page, count: number): Promise<void> {
  for (let done = 0; done < count; done += 1) await answerByKeyboard(page);
}

/** Answer until nothing is left. */
export async function studyToTheEnd(page: Page): Promise<void> {
  for (;;) {
    await showButton(page).or(finished(page)).waitFor();
    if (await finished(page).isVisible()) return;
    // In another tab somebody may have answered the last one meanwhile.
    await page.keyboard.press('Space');
    await ratings(page).or(finished(page)).or(showButton(page)).first().waitFor();
    await page.keyboard.press('4');
  }
}
