import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError } from '@/shared/api/errors';
import { newIdempotencyKey } from '@/shared/api/http';
import { ConfirmDialog, ErrorNotice, TextField } from '@/shared/ui';

import { FormDialog } from '../FormDialog';
import { type Preset, addPreset, changePreset, deletePreset, presetsQuery } from './api';

export type PresetDialogKind = 'add' | 'copy' | 'rename' | 'delete';

interface PresetDialogProps {
  kind: PresetDialogKind;
  preset: Preset;
  onChosen: (presetId: number | null) => void;
  onClose: () => void;
}

/** Makes, names or deletes a preset, at once: this waits for no saving. */
export function PresetDialog({ kind, preset, onChosen, onClose }: PresetDialogProps) {
  const { t } = useTranslation('decks');
  const client = useQueryClient();
  const [name, setName] = useState(
    { rename: preset.name, copy: t('options.copyOf', { name: preset.name }), add: '', delete: '' }[
      kind
    ],
  );
  const change = useMutation({
    mutationFn: (key: string) => changed(kind, preset, name.trim(), key),
    onSuccess: async (chosen) => {
      await client.invalidateQueries({ queryKey: presetsQuery.queryKey });
      if (kind === 'delete') await client.invalidateQueries({ queryKey: ['decks'] });
      if (kind !== 'rename') onChosen(chosen);
      onClose();
    },
  });
  const start = () => change.mutate(newIdempotencyKey());
  if (kind === 'delete') {
    return (
      <ConfirmDialog
        title={t('options.deleteTitle', { name: preset.name })}
        action={t('menu.delete')}
        busy={change.isPending}
        onConfirm={start}
        onClose={onClose}
      >
        {change.error && <ErrorNotice error={change.error} />}
        <p>{t('options.deleteText', { count: preset.deck_ids.length })}</p>
        <p>{t('options.deleteSync')}</p>
      </ConfirmDialog>
    );
  }
  const problem = change.error instanceof ApiError ? change.error.fields['name'] : undefined;
  return (
    <FormDialog
      title={t(`options.${kind}Preset`)}
      action={t(kind === 'rename' ? 'save' : 'create')}
      busy={change.isPending}
      onSubmit={() => name.trim() && start()}
      onClose={onClose}
    >
      {change.error && !problem && <ErrorNotice error={change.error} />}
      <TextField
        label={t('name')}
        error={problem}
        value={name}
        autoFocus
        autoComplete="off"
        maxLength={120}
        onChange={(event) => setName(event.target.value)}
      />
    </FormDialog>
  );
}

/** Does it, and gives the preset to be shown then; null for the deck's own. */
async function changed(
  kind: PresetDialogKind,
  preset: Preset,
  name: string,
  key: string,
): Promise<number | null> {
  switch (kind) {
    case 'add':
      return addPreset(name, null, key);
    case 'copy':
      return addPreset(name, preset.id, key);
    case 'rename':
      await changePreset(preset.id, { name }, key);
      return preset.id;
    case 'delete':
      await deletePreset(preset.id, key);
      return null;
  }
}
