import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';

import { newPerson } from './support/person';
import { answerManyByKeyboard, cardSide } from './support/study';
import { visit } from './support/visit';

const CARDS = 21;
/** Far above what it takes, so that a busy machine does not fail the test; the figure is printed. */
const BOUND_MS = 500;

declare global {
  interface Window {
    /** Milliseconds from each rating to the next card on the screen. */
    measured?: number[];
  }
}

test('the next card is there at once', async () => {
  const person = await newPerson();
  const deckId = await person.deckOf(CARDS);
  const { page } = await visit('/', { person });
  await page.addInitScript(measureAnswers);
  const begun = performance.now();
  await page.goto(`/decks/${deckId}/study`);
  await cardSide(page, 'Question').getByText('word 1').waitFor();
  const opened = performance.now() - begun;
  await answerManyByKeyboard(page, CARDS - 2);
  // The last ones may still be on their way to the screen.
  const isMost = () => measured(page).then((known) => known.length >= CARDS - 3);
  await expect.poll(isMost, { timeout: 10_000 }).toBe(true);
  const times = (await measured(page)).toSorted((a, b) => a - b);

  const median = times[Math.floor(times.length / 2)] ?? Infinity;
  const worst = times.at(-1) ?? Infinity;
  const figures = `median ${median.toFixed(1)} ms, longest ${worst.toFixed(1)} ms`;
  process.stdout.write(`rating to next card, of ${times.length}: ${figures}\n`);
  process.stdout.write(`study screen opened: ${opened.toFixed(0)} ms\n`);
  expect(median).toBeLessThan(BOUND_MS);
});

async function measured(page: Page): Promise<number[]> {
  return page.evaluate(() => window.measured ?? []);
}

/** Runs in the page: from the key that rates to the frame that shows another card. */
function measureAnswers(): void {
  if (window.top !== window) return;
  const times: number[] = (window.measured = []);
  const shown = () =>
    document.querySelector<HTMLIFrameElement>('main iframe')?.contentDocument?.body.textContent ??
    '';
  const whenPainted = (report: () => void) =>
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = report;
      port2.postMessage(null);
    });
  window.addEventListener(
    'keydown',
    ({ key, timeStamp }) => {
      if (!/^[1-4]$/.test(key)) return;
      const before = shown();
      const look = () => {
        if (shown() === before) setTimeout(look, 0);
        else whenPainted(() => times.push(performance.now() - timeStamp));
      };
      look();
    },
    true,
  );
}
