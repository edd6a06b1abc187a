import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useIntention } from '@/shared/data/useIntention';
import type { Notetype } from '@/shared/data/notetypes';
import { Button, ConfirmDialog, ErrorNotice, LeaveGuard, TextField, toast } from '@/shared/ui';

import { type NotetypeChanges, changeNotetype, notetypeQuery } from './api';
import { type Draft, changesOf, draftOf, removedBy } from './draft';
import { FieldsEditor } from './FieldsEditor';
import styles from './notetypes.module.css';
import { TemplatesEditor } from './TemplatesEditor';

export function NotetypeForm({ notetype }: { notetype: Notetype }) {
  const { t } = useTranslation('notetypes');
  const client = useQueryClient();
  const intention = useIntention();
  const [draft, setDraft] = useState<Draft>(() => draftOf(notetype));
  const [asks, setAsks] = useState(false);
  const changes = changesOf(draft, notetype);
  const isDirty = Object.keys(changes).length > 0;
  const removed = removedBy(draft, notetype);
  const lost = notetype.note_count > 0 ? [...removed.fields, ...removed.templates] : [];
  const save = useMutation({
    mutationFn: ({ what, key }: { what: NotetypeChanges; key: string }) =>
      changeNotetype(notetype.id, what, key),
    onSuccess: (saved) => {
      intention.done();
      client.setQueryData(notetypeQuery(notetype.id).queryKey, saved);
      setDraft(draftOf(saved));
      void client.invalidateQueries();
      toast(t('saved'));
    },
    onSettled: () => setAsks(false),
  });
  const send = () => save.mutate({ what: changes, key: intention.keyFor(changes) });
  const change = (part: Partial<Draft>) => {
    setDraft({ ...draft, ...part });
    if (save.error) save.reset();
  };
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (!isDirty || save.isPending) return;
        if (lost.length > 0) setAsks(true);
        else send();
      }}
      noValidate
    >
      <LeaveGuard when={isDirty} />
      <section className={styles.group}>
        <TextField
          label={t('name')}
          value={draft.name}
          maxLength={120}
          autoComplete="off"
          onChange={(event) => change({ name: event.target.value })}
        />
        <p className={styles.muted}>{t('notes', { count: notetype.note_count })}</p>
      </section>
      <FieldsEditor fields={draft.fields} onChange={(fields) => change({ fields })} />
      <TemplatesEditor notetype={notetype} draft={draft} onChange={change} />
      <div className={isDirty || save.error ? styles.bar : styles.noBar}>
        {save.error && <ErrorNotice error={save.error} />}
        <p role="status">{isDirty ? t('unsaved') : ''}</p>
        {isDirty && (
          <>
            <Button onClick={() => change(draftOf(notetype))}>{t('discard')}</Button>
            <Button type="submit" kind="primary" busy={save.isPending}>
              {t('save')}
            </Button>
          </>
        )}
      </div>
      {asks && (
        <ConfirmDialog
          title={t('removeTitle')}
          action={t('removeAction')}
          busy={save.isPending}
          onConfirm={send}
          onClose={() => setAsks(false)}
        >
          <p>{t('removeText', { count: notetype.note_count, names: lost.join(', ') })}</p>
        </ConfirmDialog>
      )}
    </form>
  );
}
