import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { CardPreview, usePreview } from '@/shared/data/CardPreview';
import type { Notetype } from '@/shared/data/notetypes';
import { Select } from '@/shared/ui';

import styles from './editor.module.css';
import { CLOZE_EXAMPLE } from './textEdits';

interface PreviewPanelProps {
  preview: ReturnType<typeof usePreview>;
  notetype: Notetype | undefined;
  ord: number | null;
  onOrd: (ord: number) => void;
}

/** What the cards of the note look like, while it is being written. */
export function PreviewPanel({ preview, notetype, ord, onOrd }: PreviewPanelProps) {
  const { t } = useTranslation('editor');
  const isCloze = notetype?.kind === 'cloze';
  const ordinals = preview.data?.ordinals ?? [];
  const shown = preview.data?.card?.ord ?? ord ?? 0;
  return (
    <section className={styles.preview} aria-label={t('preview')}>
      <div className={styles.previewHead}>
        <h2>{t('preview')}</h2>
        {ordinals.length > 1 && (
          <Select
            label={t('card')}
            hideLabel
            value={String(shown)}
            options={ordinals.map((one) => ({
              value: String(one),
              label: isCloze
                ? t('clozeNumber', { number: one + 1 })
                : (notetype?.templates[one]?.name ?? String(one + 1)),
            }))}
            onChange={(value) => onOrd(Number(value))}
          />
        )}
      </div>
      <CardPreview
        preview={preview.data}
        error={preview.error}
        empty={isCloze ? t('noClozeYet', { example: CLOZE_EXAMPLE }) : t('noCardYet')}
      />
    </section>
  );
}

/** The preview of a note, and which of its cards is shown. */
export function useNotePreview(
  notetype: Notetype | undefined,
  note: { fields: Record<string, string>; tags: string[]; deckId: number | null; ord?: number },
) {
  const [ord, setOrd] = useState<number | null>(note.ord ?? null);
  const preview = usePreview(
    notetype
      ? {
          notetype_id: notetype.id,
          fields: note.fields,
          tags: note.tags,
          ...(note.deckId === null ? {} : { deck_id: note.deckId }),
          ...(ord === null ? {} : { ord }),
        }
      : null,
  );
  return { preview, ord, setOrd };
}
