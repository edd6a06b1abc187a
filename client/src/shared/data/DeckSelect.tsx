import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { Select } from '@/shared/ui';

import { type Deck, decksQuery } from './decks';

interface DeckSelectProps {
  value: number | null;
  onChange: (deckId: number | null) => void;
  label?: string;
  hint?: ReactNode;
  error?: string | undefined;
  hideLabel?: boolean;
  /** What having chosen no deck is called; without it a deck has to be chosen. */
  none?: string;
  /** Which decks can be chosen; all but the filtered ones, which take no cards. */
  filter?: (deck: Deck) => boolean;
}

const takesCards = (deck: Deck) => !deck.filtered;

/** Chooses one of the decks, which stand in the order of their tree. */
export function DeckSelect({
  value,
  onChange,
  none,
  filter = takesCards,
  ...rest
}: DeckSelectProps) {
  const { t } = useTranslation('data');
  const { data } = useQuery(decksQuery);
  const decks = (data?.decks ?? []).filter(filter);
  const isKnown = value === null || decks.some((deck) => deck.id === value);
  const options = decks.map((deck) => ({ value: String(deck.id), label: deck.name }));
  if (none !== undefined) options.unshift({ value: '', label: none });
  if (!isKnown || (value === null && none === undefined)) {
    options.unshift({ value: String(value ?? ''), label: '…' });
  }
  return (
    <Select
      label={t('deck')}
      {...rest}
      value={String(value ?? '')}
      options={options}
      onChange={(text) => onChange(text === '' ? null : Number(text))}
    />
  );
}
