/** Where cards are taken apart: under the policy of the page that shows them, not under ours.
 *
 * What a browser thinks of a card's styles and handlers while it reads them is measured by the
 * policy of the page that asks it to, though nothing of it is used there.
 */
import DOMPurify from 'dompurify';

const LONGEST_WAIT_MS = 3000;

let purify = DOMPurify;
let opening: Promise<void> | null = null;

/** The sanitizer to use now. */
export function sanitizer(): typeof DOMPurify {
  return purify;
}

/** Resolves when cards are read in a page of their own, or it is clear that they will not be. */
export function openWorkshop(): Promise<void> {
  opening ??= new Promise((resolve) => {
    const frame = document.createElement('iframe');
    frame.hidden = true;
    frame.sandbox.add('allow-same-origin');
    frame.src = CARD_PAGE;
    frame.addEventListener('load', () => {
      const page = frame.contentWindow;
      if (page && isCardPage(frame.contentDocument))
        purify = DOMPurify(page as unknown as WindowLike);
      resolve();
    });
    document.body.append(frame);
    setTimeout(resolve, LONGEST_WAIT_MS);
  });
  return opening;
}

/** As long as nobody shows a card, there is nothing to wait for. */
export function workshopOpened(): Promise<void> {
  return opening ?? Promise.resolve();
}

type WindowLike = Parameters<typeof DOMPurify>[0];

export const CARD_PAGE = `${import.meta.env.BASE_URL}card.html`;
export const REMOTE_CARD_PAGE = `${import.meta.env.BASE_URL}card-remote.html`;

/** Whether a frame shows what it is meant to: a page that was led away, or not found, does not. */
export function isCardPage(page: Document | null): page is Document {
  return page !== null && [CARD_PAGE, REMOTE_CARD_PAGE].includes(page.location.pathname);
}
