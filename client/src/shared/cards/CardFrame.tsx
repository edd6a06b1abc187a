import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useTheme } from '@/shared/theme/theme';

import { type CardContent, fillCard, prepareCard } from './cardDocument';
import styles from './CardFrame.module.css';

interface CardFrameProps extends Pick<CardContent, 'html' | 'css' | 'mediaUrl' | 'ordinal'> {
  /** What the frame is for, for those who do not see it. */
  title: string;
  /** Lets pictures be fetched from anywhere; decided for each deck. */
  allowRemote?: boolean;
  /** A sound's button was pressed: its number among the card's sounds. */
  onPlay?: (sound: number) => void;
  /** A key was pressed while the frame had the focus. */
  onKeyDown?: (event: KeyboardEvent) => void;
  /** The card is there to be seen. */
  onShown?: () => void;
}

/** One side of a card, in a frame of its own: no script runs in it, nothing is fetched by it. */
export function CardFrame(props: CardFrameProps) {
  const { html, css, mediaUrl, ordinal, title, allowRemote = false } = props;
  const { t } = useTranslation('cards');
  const { isDark } = useTheme();
  const frame = useRef<HTMLIFrameElement>(null);
  const handlers = useRef(props);
  const [page, setPage] = useState<Document | null>(null);
  const [height, setHeight] = useState(0);
  useEffect(() => {
    handlers.current = props;
  });

  const fit = useCallback(() => {
    const body = frame.current?.contentDocument?.body;
    if (body) setHeight(Math.ceil(body.getBoundingClientRect().height));
  }, []);

  useEffect(() => {
    if (!page) return;
    let current = true;
    const content = { html, css, mediaUrl, ordinal, isDark, playLabel: t('play') };
    void prepareCard(content).then((fragment) => {
      if (!current) return;
      fillCard(page, content, fragment);
      fit();
      handlers.current.onShown?.();
    });
    return () => {
      current = false;
    };
  }, [page, html, css, mediaUrl, ordinal, isDark, t, fit]);

  useEffect(() => {
    if (!page) return;
    const observer = new ResizeObserver(fit);
    observer.observe(page.body);
    const onClick = (event: Event) => follow(event, handlers.current.onPlay);
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === 'Enter') follow(event, handlers.current.onPlay);
      if (!event.defaultPrevented) handlers.current.onKeyDown?.(event);
    };
    page.addEventListener('click', onClick);
    page.addEventListener('keydown', onKeyDown);
    page.addEventListener('load', fit, true);
    return () => {
      observer.disconnect();
      page.removeEventListener('click', onClick);
      page.removeEventListener('keydown', onKeyDown);
      page.removeEventListener('load', fit, true);
    };
  }, [page, fit]);

  return (
    <iframe
      key={String(allowRemote)}
      ref={frame}
      title={title}
      className={styles.frame}
      sandbox="allow-same-origin"
      src={`${import.meta.env.BASE_URL}${allowRemote ? 'card-remote.html' : 'card.html'}`}
      style={{ blockSize: height }}
      onLoad={(event) => setPage(event.currentTarget.contentDocument)}
    />
  );
}

/** A sound is played, a link opened; the frame itself goes nowhere. */
function follow(event: Event, onPlay: ((sound: number) => void) | undefined): void {
  const link = (event.target as Element).closest<HTMLAnchorElement>('a');
  if (!link) return;
  event.preventDefault();
  const sound = link.dataset['sound'];
  if (sound !== undefined) onPlay?.(Number(sound));
  else if (link.href) window.open(link.href, '_blank', 'noopener,noreferrer');
}
