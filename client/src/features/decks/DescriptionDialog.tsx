import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { newIdempotencyKey } from '@/shared/api/http';
import { type Deck, decksQuery } from '@/shared/data/decks';
import { ErrorNotice, TextArea, toast } from '@/shared/ui';

import { changeDeck } from './api';
import { FormDialog } from './FormDialog';

export function DescriptionDialog({ deck, onClose }: { deck: Deck; onClose: () => void }) {
  const { t } = useTranslation('decks');
  const client = useQueryClient();
  const [description, setDescription] = useState(deck.description);
  const save = useMutation({
    mutationFn: (key: string) => changeDeck(deck.id, { description }, key),
    onSuccess: () => {
      toast(t('saved'));
      void client.invalidateQueries({ queryKey: decksQuery.queryKey });
      onClose();
    },
  });
  return (
    <FormDialog
      title={t('descriptionOf', { name: deck.name })}
      action={t('save')}
      busy={save.isPending}
      onSubmit={() => save.mutate(newIdempotencyKey())}
      onClose={onClose}
    >
      {save.error && <ErrorNotice error={save.error} />}
      <TextArea
        label={t('description')}
        hint={t('descriptionHint')}
        rows={6}
        autoFocus
        value={description}
        onChange={(event) => setDescription(event.target.value)}
      />
    </FormDialog>
  );
}
