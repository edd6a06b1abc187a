import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { fieldError } from '@/shared/api/errors';
import { Button, Dialog, ErrorNotice, TextField, toast } from '@/shared/ui';

import { type MediaFile, mediaKey, renameMedia } from './api';
import styles from './MediaPage.module.css';

export function RenameDialog({ file, onClose }: { file: MediaFile; onClose: () => void }) {
  const { t } = useTranslation('media');
  const [wanted, setWanted] = useState(file.name);
  const queryClient = useQueryClient();
  const rename = useMutation({
    mutationFn: renameMedia,
    onSuccess: (name) => {
      onClose();
      toast(t('rename.done', { name }));
      return queryClient.invalidateQueries({ queryKey: mediaKey });
    },
  });
  const problem = fieldError(rename.error, 'name');
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    rename.mutate({ name: file.name, wanted: wanted.trim() });
  };
  return (
    <Dialog title={t('rename.title')} onClose={onClose}>
      <form className={styles.form} onSubmit={submit} noValidate>
        {rename.error && !problem && <ErrorNotice error={rename.error} />}
        <TextField
          label={t('rename.name')}
          hint={t('rename.hint')}
          autoFocus
          autoCapitalize="none"
          spellCheck={false}
          value={wanted}
          error={problem}
          onChange={(event) => setWanted(event.target.value)}
        />
        <div className={styles.actions}>
          <Button
            type="submit"
            kind="primary"
            busy={rename.isPending}
            disabled={wanted.trim() === '' || wanted.trim() === file.name}
          >
            {t('rename.action')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
