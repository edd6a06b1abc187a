import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';

import { ApiError } from '@/shared/api/errors';
import { newIdempotencyKey } from '@/shared/api/http';
import { type Notetype, notetypesQuery } from '@/shared/data/notetypes';
import { Button, Dialog, ErrorNotice, Select, TextField } from '@/shared/ui';

import { type Base, STOCK, addNotetype } from './api';
import styles from './notetypes.module.css';

interface AddDialogProps {
  notetypes: readonly Notetype[];
  onClose: () => void;
}

/** A new notetype: one of Anki's own, or a copy of one that is there. */
export function AddDialog({ notetypes, onClose }: AddDialogProps) {
  const { t } = useTranslation('notetypes');
  const { t: tUi } = useTranslation('ui');
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [base, setBase] = useState<string>('basic');
  const add = useMutation({
    mutationFn: (key: string) => addNotetype(name.trim(), baseOf(base), key),
    onSuccess: (added) => {
      void client.invalidateQueries({ queryKey: notetypesQuery.queryKey });
      void navigate(`/notetypes/${added.id}`);
    },
  });
  const problem = add.error instanceof ApiError ? add.error.fields['name'] : undefined;
  return (
    <Dialog title={t('add')} onClose={onClose}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() && !add.isPending) add.mutate(newIdempotencyKey());
        }}
        noValidate
      >
        {add.error && !problem && <ErrorNotice error={add.error} />}
        <TextField
          label={t('name')}
          error={problem}
          value={name}
          autoFocus
          autoComplete="off"
          maxLength={120}
          onChange={(event) => setName(event.target.value)}
        />
        <Select
          label={t('base')}
          value={base}
          options={[
            ...STOCK.map((stock) => ({ value: stock, label: t(`stock.${stock}`) })),
            ...notetypes.map((one) => ({
              value: String(one.id),
              label: t('copyOf', { name: one.name }),
            })),
          ]}
          onChange={setBase}
        />
        <div className={styles.actions}>
          <Button onClick={onClose}>{tUi('cancel')}</Button>
          <Button type="submit" kind="primary" busy={add.isPending}>
            {t('create')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function baseOf(chosen: string): Base {
  const stock = STOCK.find((one) => one === chosen);
  return stock ? { stock } : { copy_of: Number(chosen) };
}
