import { type Ref, useEffect, useImperativeHandle, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useTheme } from '@/shared/theme/theme';

import styles from './CardFrame.module.css';
import { type CardContent } from './cardDocument';
import { type FrameHandlers, listenIn } from './frameEvents';
import { showKeptPictures } from './keptPictures';
import { useFilledPage } from './useFilledPage';
import { CARD_PAGE, REMOTE_CARD_PAGE, isCardPage, openWorkshop } from './workshop';

export interface CardFrameHandle {
  /** Scroll by a share of what can be seen, or by pixels. */
  scroll: (by: { pages?: number; pixels?: number }) => void;
}

interface CardFrameProps
  extends
    FrameHandlers,
    Pick<CardContent, 'html' | 'css' | 'mediaUrl' | 'ordinal' | 'allowRemote'> {
  /** What the frame is for, for those who do not see it. */
  title: string;
  /** Takes the height that there is and scrolls in it; else the frame is as high as the card. */
  fill?: boolean;
  /** The card is there to be seen. */
  onShown?: () => void;
  ref?: Ref<CardFrameHandle>;
}

/** A page that was led away is loaded again, but not for ever. */
const MAX_RELOADS = 3;

/** One side of a card, in a frame of its own: no script runs in it, nothing is fetched by it. */
export function CardFrame(props: CardFrameProps) {
  const { html, css, mediaUrl, ordinal, title, ref } = props;
  const { allowRemote = false, fill = false } = props;
  const { t } = useTranslation('cards');
  const { isDark } = useTheme();
  const frame = useRef<HTMLIFrameElement>(null);
  const handlers = useRef(props);
  const [page, setPage] = useState<Document | null>(null);
  const [reloads, setReloads] = useState(0);
  useEffect(() => {
    handlers.current = props;
  });

  useEffect(() => void openWorkshop(), []);

  const content = { html, css, mediaUrl, ordinal, allowRemote, isDark, playLabel: t('play') };
  const height = useFilledPage(page, content, fill, () => handlers.current.onShown?.());
  useEffect(() => (page ? listenIn(page, () => handlers.current) : undefined), [page]);
  useEffect(() => (page ? showKeptPictures(page) : undefined), [page]);
  useImperativeHandle(ref, () => ({
    scroll: ({ pages = 0, pixels = 0 }) => {
      const view = frame.current?.contentWindow;
      view?.scrollBy({ top: pages * view.innerHeight * 0.9 + pixels });
    },
  }));

  return (
    <iframe
      key={`${allowRemote ? 'remote' : 'local'}-${reloads}`}
      ref={frame}
      title={title}
      className={fill ? styles.fill : styles.frame}
      sandbox="allow-same-origin"
      src={allowRemote ? REMOTE_CARD_PAGE : CARD_PAGE}
      style={fill ? undefined : { blockSize: height }}
      onLoad={(event) => {
        const { contentDocument } = event.currentTarget;
        if (!isCardPage(contentDocument)) {
          setReloads((times) => Math.min(times + 1, MAX_RELOADS));
          return;
        }
        void openWorkshop().then(() => setPage(contentDocument));
      }}
    />
  );
}
