import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

import { type CardContent, fillCard, prepareCard } from './cardDocument';

/** Beyond it a frame scrolls: a style may make its page grow with the frame, without end. */
const MAX_HEIGHT = 12_000;
/** How often in a row a page may grow because its frame did. */
const MAX_GROWTHS = 4;

/** Keeps the page of a frame filled with the card; says how high the card is. */
export function useFilledPage(
  page: Document | null,
  content: CardContent,
  keepsHeight: boolean,
  onShown: () => void,
): number {
  const { html, css, mediaUrl, ordinal, allowRemote = false, isDark, playLabel } = content;
  const [height, setHeight] = useState(0);
  const growths = useRef(0);
  const width = useRef(0);
  const shown = useRef(onShown);
  useEffect(() => {
    shown.current = onShown;
  });

  const fit = useCallback(() => {
    if (!page || keepsHeight) return;
    const box = page.body.getBoundingClientRect();
    const needed = Math.ceil(box.height);
    growths.current = box.width === width.current ? growths.current + 1 : 0;
    width.current = box.width;
    if (growths.current <= MAX_GROWTHS) setHeight(Math.min(needed, MAX_HEIGHT));
  }, [page, keepsHeight]);

  useLayoutEffect(() => {
    if (!page) return;
    let isCurrent = true;
    const content = { html, css, mediaUrl, ordinal, allowRemote, isDark, playLabel };
    const show = (fragment: DocumentFragment) => {
      if (!isCurrent) return;
      fillCard(page, content, fragment);
      scrollToAnswer(page);
      growths.current = 0;
      fit();
      shown.current();
    };
    const prepared = prepareCard(content);
    // What was prepared ahead is there before anything is painted.
    if (prepared.fragment) show(prepared.fragment);
    else void prepared.ready.then(show);
    return () => {
      isCurrent = false;
    };
  }, [page, html, css, mediaUrl, ordinal, allowRemote, isDark, playLabel, fit]);

  useEffect(() => {
    if (!page || keepsHeight) return;
    const observer = new ResizeObserver(fit);
    observer.observe(page.body);
    const onLoad = () => {
      growths.current = 0; // a picture came
      fit();
    };
    page.addEventListener('load', onLoad, true);
    return () => {
      observer.disconnect();
      page.removeEventListener('load', onLoad, true);
    };
  }, [page, keepsHeight, fit]);

  return height;
}

/** Anki's templates mark where the answer begins; a new card begins at its top. */
function scrollToAnswer(page: Document): void {
  const view = page.defaultView;
  const answer = page.querySelector('#qa #answer');
  const top = answer ? answer.getBoundingClientRect().top + (view?.scrollY ?? 0) : 0;
  const isBelow = view !== null && top > view.innerHeight * 0.6;
  view?.scrollTo({ top: isBelow ? top : 0, behavior: 'instant' });
}
