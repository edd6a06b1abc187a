import { type SubmitEvent, useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { CardPreview, usePreview } from '@/shared/data/CardPreview';
import { DeckSelect } from '@/shared/data/DeckSelect';
import { submitByKeys } from '@/shared/data/submitKeys';
import { TagField } from '@/shared/data/TagField';
import { Button, ErrorNotice, LeaveGuard, TextArea } from '@/shared/ui';

import type { Card } from '../api';
import { CardFacts } from './CardFacts';
import styles from './CardPanel.module.css';
import { type Draft, htmlOf } from './draft';
import { type Editing, useEditing } from './useEditing';

interface CardEditorProps {
  card: Card;
  mediaUrl: string;
}

/** The note's fields, what the card looks like with them, and what is known of it. */
export function CardEditor({ card, mediaUrl }: CardEditorProps) {
  const { t } = useTranslation('browse');
  const editing = useEditing(card);
  return (
    <div className={styles.editor}>
      <EditForm editing={editing} />
      <section className={styles.section}>
        <h3>{t('panel.preview')}</h3>
        <Sides card={card} mediaUrl={mediaUrl} draft={editing.isDirty ? editing.draft : null} />
      </section>
      <section className={styles.section}>
        <h3>{t('panel.facts')}</h3>
        <CardFacts card={card} />
      </section>
      <LeaveGuard
        when={editing.isDirty}
        leaves={(from, to) =>
          from.pathname !== to.pathname || cardOf(from.search) !== cardOf(to.search)
        }
      />
    </div>
  );
}

function EditForm({ editing }: { editing: Editing }) {
  const { t } = useTranslation('browse');
  const { draft, change, save, isDirty, isSaving, error } = editing;
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    save();
  };
  return (
    <form className={styles.form} onSubmit={onSubmit} onKeyDown={submitByKeys} noValidate>
      {Object.entries(draft.texts).map(([name, text]) => (
        <TextArea
          key={name}
          label={name}
          dir="auto"
          rows={rowsFor(text)}
          value={text}
          onChange={(event) => change({ texts: { ...draft.texts, [name]: event.target.value } })}
        />
      ))}
      <TagField tags={draft.tags} onChange={(tags) => change({ tags })} />
      <DeckSelect
        value={draft.deckId}
        onChange={(deckId) => deckId !== null && change({ deckId })}
      />
      {error !== null && <ErrorNotice error={error} />}
      <div className={styles.save}>
        <p className={styles.saveState} role="status">
          {isDirty ? t('panel.unsaved') : t('panel.saved')}
        </p>
        <Button type="submit" kind="primary" busy={isSaving} disabled={!isDirty}>
          {t('panel.save')}
        </Button>
      </div>
    </form>
  );
}

const TYPE_MARK = /\[\[type:[^\]\n]*\]\]/g;

/** The card as it is stored, or as it would be with what was changed. */
function Sides({ card, mediaUrl, draft }: CardEditorProps & { draft: Draft | null }) {
  const { t } = useTranslation('browse');
  const changed = usePreview(
    draft && {
      notetype_id: card.notetype_id,
      fields: htmlOf(card, draft),
      tags: [...draft.tags],
      deck_id: draft.deckId,
      ord: card.ord,
    },
  );
  const stored = useMemo(
    () => ({
      ordinals: [card.ord],
      card: {
        ord: card.ord,
        question: card.question.replace(TYPE_MARK, ''),
        answer: card.answer.replace(TYPE_MARK, ''),
        css: card.css,
      },
      duplicate_of: null,
      media_url: mediaUrl,
    }),
    [card, mediaUrl],
  );
  const preview = draft ? (changed.data ?? stored) : stored;
  return <CardPreview preview={preview} error={changed.error} empty={t('panel.noCard')} />;
}

const CHARACTERS_IN_ROW = 42;
const MAX_ROWS = 10;

function rowsFor(text: string): number {
  const lines = text.split('\n').map((line) => Math.ceil((line.length + 1) / CHARACTERS_IN_ROW));
  return Math.min(
    lines.reduce((sum, rows) => sum + rows, 0),
    MAX_ROWS,
  );
}

function cardOf(search: string): string | null {
  return new URLSearchParams(search).get('card');
}
