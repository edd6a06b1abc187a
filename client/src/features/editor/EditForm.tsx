import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';

import { DeckSelect } from '@/shared/data/DeckSelect';
import type { Notetype } from '@/shared/data/notetypes';
import { submitByKeys } from '@/shared/data/submitKeys';
import { TagField } from '@/shared/data/TagField';
import { Button, ErrorNotice, LeaveGuard, toast } from '@/shared/ui';

import type { Card } from './api';
import { CardFacts } from './CardFacts';
import { DeleteCard } from './DeleteCard';
import { DuplicateNotice } from './DuplicateNotice';
import styles from './editor.module.css';
import { NoteFields } from './NoteFields';
import { PreviewPanel, useNotePreview } from './PreviewPanel';
import { useEditing } from './useEditing';
import { serviceProblems } from './useProblems';

interface EditFormProps {
  card: Card;
  notetype: Notetype;
  back: string;
}

export function EditForm({ card, notetype, back }: EditFormProps) {
  const { t } = useTranslation('editor');
  const navigate = useNavigate();
  const [isGone, setGone] = useState(false);
  const [isDeleting, setDeleting] = useState(false);
  const editing = useEditing(card, notetype, () => {
    toast(t('saved'));
    setGone(true);
    void navigate(back);
  });
  const { draft, save } = editing;
  const preview = useNotePreview(notetype, {
    fields: editing.html,
    tags: draft.tags,
    deckId: draft.deckId,
    ord: card.ord,
  });
  const duplicate = preview.preview.data?.duplicate_of;
  const problems = { ...serviceProblems(save.error), ...editing.problems };
  return (
    <form
      className={styles.columns}
      onSubmit={(event) => {
        event.preventDefault();
        editing.submit();
      }}
      onKeyDown={submitByKeys}
      noValidate
    >
      <LeaveGuard when={editing.isDirty && !isGone} />
      <div className={styles.column}>
        <NoteFields
          notetype={notetype}
          values={draft.values}
          errors={problems}
          onChange={(values) => editing.change({ values })}
        />
        <DuplicateNotice noteId={duplicate === card.note_id ? null : duplicate} />
        <TagField tags={draft.tags} onChange={(tags) => editing.change({ tags })} />
        <DeckSelect
          label={t('deckOfCard')}
          value={draft.deckId}
          filter={(deck) => !deck.filtered || deck.id === card.deck_id}
          onChange={(deckId) => deckId !== null && editing.change({ deckId })}
        />
        {save.error && Object.keys(problems).length === 0 && <ErrorNotice error={save.error} />}
        <div className={styles.actions}>
          <Button type="submit" kind="primary" icon="check" busy={save.isPending}>
            {t('save')}
          </Button>
          <span className={styles.keyHint}>{t('saveHint')}</span>
          <span className={styles.aside}>
            <Button kind="danger" icon="trash" onClick={() => setDeleting(true)}>
              {t('delete')}
            </Button>
          </span>
        </div>
        <CardFacts card={card} />
      </div>
      <PreviewPanel
        preview={preview.preview}
        notetype={notetype}
        ord={preview.ord}
        onOrd={preview.setOrd}
      />
      {isDeleting && (
        <DeleteCard
          card={card}
          onClose={() => setDeleting(false)}
          onDeleted={() => {
            setGone(true);
            void navigate(back);
          }}
        />
      )}
    </form>
  );
}
