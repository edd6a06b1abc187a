import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';

import { DeckSelect } from '@/shared/data/DeckSelect';
import type { Notetype } from '@/shared/data/notetypes';
import { submitByKeys } from '@/shared/data/submitKeys';
import { TagField } from '@/shared/data/TagField';
import { Button, ErrorNotice, LeaveGuard, Select } from '@/shared/ui';

import { AddedList } from './AddedList';
import { DuplicateNotice } from './DuplicateNotice';
import styles from './editor.module.css';
import { NoteFields, type NoteFieldsHandle } from './NoteFields';
import { PreviewPanel, useNotePreview } from './PreviewPanel';
import { useAdding } from './useAdding';
import { serviceProblems } from './useProblems';

interface AddFormProps {
  deckId: number;
  notetypes: readonly Notetype[];
}

export function AddForm({ deckId, notetypes }: AddFormProps) {
  const { t } = useTranslation('editor');
  const navigate = useNavigate();
  const fields = useRef<NoteFieldsHandle>(null);
  const adding = useAdding(deckId, notetypes, () => fields.current?.focusFirst());
  const { notetype, draft, save } = adding;
  const preview = useNotePreview(notetype, { fields: adding.html, tags: draft.tags, deckId });
  useEffect(() => {
    fields.current?.focusFirst();
  }, []);
  if (!notetype) return null;
  const problems = { ...serviceProblems(save.error), ...adding.problems };
  return (
    <form
      className={styles.columns}
      onSubmit={(event) => {
        event.preventDefault();
        adding.submit();
      }}
      onKeyDown={submitByKeys}
      noValidate
    >
      <LeaveGuard when={adding.isDirty} allow={(path) => /^\/decks\/\d+\/add$/.test(path)} />
      <div className={styles.column}>
        <div className={styles.row}>
          <DeckSelect
            value={deckId}
            onChange={(id) => id !== null && void navigate(`/decks/${id}/add`, { replace: true })}
          />
          <Select
            label={t('notetype')}
            value={String(notetype.id)}
            options={notetypes.map((one) => ({ value: String(one.id), label: one.name }))}
            onChange={(id) => adding.chooseNotetype(Number(id))}
          />
        </div>
        <NoteFields
          ref={fields}
          notetype={notetype}
          values={draft.values}
          errors={problems}
          onChange={(values) => adding.change({ values })}
        />
        <DuplicateNotice noteId={preview.preview.data?.duplicate_of} />
        <TagField tags={draft.tags} onChange={(tags) => adding.change({ tags })} />
        {save.error && Object.keys(problems).length === 0 && <ErrorNotice error={save.error} />}
        <div className={styles.actions}>
          <Button type="submit" kind="primary" icon="add" busy={save.isPending}>
            {t('addNote')}
          </Button>
          <span className={styles.keyHint}>{t('submitHint')}</span>
          <Link to="/notetypes" className={styles.aside}>
            {t('manageNotetypes')}
          </Link>
        </div>
        <AddedList added={adding.added} deckId={deckId} />
      </div>
      <PreviewPanel
        preview={preview.preview}
        notetype={notetype}
        ord={preview.ord}
        onOrd={preview.setOrd}
      />
    </form>
  );
}
