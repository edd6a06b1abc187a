import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { CardFrame } from '@/shared/cards/CardFrame';
import { ErrorNotice } from '@/shared/ui';

import styles from './CardPreview.module.css';
import { type Preview, type PreviewAsked, previewQuery } from './preview';

const PAUSE_MS = 350;

/** What is asked, once the person pauses. */
export function usePreview(asked: PreviewAsked | null) {
  const text = JSON.stringify(asked);
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return useQuery(previewQuery(JSON.parse(settled) as PreviewAsked | null));
}

interface CardPreviewProps {
  preview: Preview | undefined;
  error: unknown;
  /** What to say where the note gives no card. */
  empty: string;
}

/** Both sides of a card under each other. */
export function CardPreview({ preview, error, empty }: CardPreviewProps) {
  const { t } = useTranslation('data');
  if (error) return <ErrorNotice error={error} />;
  if (!preview) return <div className={styles.sides} />;
  const { card, media_url: mediaUrl } = preview;
  if (!card) return <p className={styles.empty}>{empty}</p>;
  const sides = [
    ['question', card.question],
    ['answer', card.answer],
  ] as const;
  return (
    <div className={styles.sides}>
      {sides.map(([side, html]) => (
        <figure key={side} className={styles.side}>
          <figcaption className={styles.caption}>{t(side)}</figcaption>
          <div className={styles.card}>
            <CardFrame
              title={t(side)}
              html={html}
              css={card.css}
              mediaUrl={mediaUrl}
              ordinal={card.ord}
            />
          </div>
        </figure>
      ))}
    </div>
  );
}
