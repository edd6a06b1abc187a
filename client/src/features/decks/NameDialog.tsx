import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError } from '@/shared/api/errors';
import { newIdempotencyKey } from '@/shared/api/http';
import { type Deck, decksQuery } from '@/shared/data/decks';
import { isWithin, nameUnder } from '@/shared/data/deckNames';
import { DeckSelect } from '@/shared/data/DeckSelect';
import { ErrorNotice, TextField, toast } from '@/shared/ui';

import { addDeck, changeDeck } from './api';
import { FormDialog } from './FormDialog';
import { labelOf } from './tree';

interface NameDialogProps {
  /** The deck to be renamed or moved; a new one is made without it. */
  deck?: Deck;
  parentId: number | null;
  decks: readonly Deck[];
  onClose: () => void;
}

/** Names a deck and chooses the one that it lies in. */
export function NameDialog({ deck, parentId, decks, onClose }: NameDialogProps) {
  const { t } = useTranslation('decks');
  const client = useQueryClient();
  const [name, setName] = useState(deck ? labelOf(deck, decks) : '');
  const [parent, setParent] = useState(parentId);
  const [missing, setMissing] = useState(false);
  const save = useMutation({
    mutationFn: ({ fullName, key }: { fullName: string; key: string }) =>
      deck ? changeDeck(deck.id, { name: fullName }, key) : addDeck(fullName, key),
    onSuccess: (saved) => {
      toast(t(deck ? 'renamed' : 'added', { name: saved.name }));
      void client.invalidateQueries({ queryKey: decksQuery.queryKey });
      onClose();
    },
  });
  const submit = () => {
    setMissing(!name.trim());
    if (!name.trim()) return;
    const parentDeck = decks.find((one) => one.id === parent);
    const fullName = nameUnder(parentDeck?.name ?? '', name.trim());
    if (fullName === deck?.name) onClose();
    else save.mutate({ fullName, key: newIdempotencyKey() });
  };
  const problem = missing ? t('nameMissing') : nameProblem(save.error, t('nameTaken'));
  return (
    <FormDialog
      title={t(deck ? 'rename' : 'new')}
      action={t(deck ? 'save' : 'create')}
      busy={save.isPending}
      onSubmit={submit}
      onClose={onClose}
    >
      {save.error && !problem && <ErrorNotice error={save.error} />}
      <TextField
        label={t('name')}
        hint={t('nameHint')}
        error={problem}
        value={name}
        autoFocus
        autoComplete="off"
        onChange={(event) => setName(event.target.value)}
      />
      <DeckSelect
        label={t('parent')}
        none={t('noParent')}
        value={parent}
        onChange={setParent}
        filter={(one) => !one.filtered && !(deck && isWithin(one.name, deck.name))}
      />
    </FormDialog>
  );
}

function nameProblem(error: unknown, taken: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  return error.code === 'deck_exists' ? taken : error.fields['name'];
}
