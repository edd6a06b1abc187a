import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { decksQuery } from '@/shared/data/decks';
import { DeckSelect } from '@/shared/data/DeckSelect';
import { tagsQuery } from '@/shared/data/tags';
import { Button, Select } from '@/shared/ui';

import styles from './FilterBar.module.css';
import {
  FLAGS,
  STATES,
  deckOf,
  filtersOf,
  withFlag,
  withMarked,
  withState,
  withTag,
  withoutDeck,
} from './filters';
import type { GoTo, Place } from './place';
import { useIsPhone } from './screen';

interface FilterBarProps {
  place: Place;
  goTo: GoTo;
}

/** The common filters: they are written into the search. On a phone they are there on request. */
export function FilterBar({ place, goTo }: FilterBarProps) {
  const { t } = useTranslation('browse');
  const id = useId();
  const isPhone = useIsPhone();
  const [isOpen, setIsOpen] = useState(false);
  const count = countOf(place);
  return (
    <div>
      {isPhone && (
        <Button
          icon="filter"
          kind={count > 0 ? 'primary' : 'secondary'}
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => setIsOpen(!isOpen)}
        >
          {count > 0 ? t('filter.count', { count }) : t('filter.title')}
        </Button>
      )}
      <div id={id} className={styles.filters} hidden={isPhone && !isOpen}>
        <Chooser place={place} goTo={goTo} />
      </div>
    </div>
  );
}

function Chooser({ place: { q, deckId }, goTo }: FilterBarProps) {
  const { t } = useTranslation('browse');
  const { data: tags = [] } = useQuery(tagsQuery);
  const { data: decks } = useQuery(decksQuery);
  const named = deckOf(q, decks?.decks ?? []);
  const { state, flag, tag, marked } = filtersOf(q);
  const search = (changed: string) => goTo({ q: changed, page: 1 });
  const names = tags.map((one) => one.name).filter((name) => name.toLowerCase() !== 'marked');
  if (tag && !names.includes(tag)) names.unshift(tag);
  return (
    <>
      <DeckSelect
        label={t('column.deck')}
        value={deckId ?? named?.id ?? null}
        none={t('filter.allDecks')}
        filter={() => true}
        onChange={(deck) => goTo({ q: named ? withoutDeck(q) : q, deckId: deck, page: 1 })}
      />
      <Select
        label={t('column.state')}
        value={state}
        options={[
          { value: '', label: t('filter.anyState') },
          ...STATES.map((value) => ({ value, label: t(`filter.states.${value}`) })),
        ]}
        onChange={(value) => search(withState(q, value))}
      />
      <Select
        label={t('column.flag')}
        value={flag}
        options={[
          { value: '', label: t('filter.anyFlag') },
          { value: '0', label: t('flags.0') },
          ...FLAGS.map((value) => ({ value: String(value), label: t(`flags.${value}`) })),
        ]}
        onChange={(value) => search(withFlag(q, value))}
      />
      <Select
        label={t('filter.tag')}
        value={tag}
        options={[
          { value: '', label: t('filter.anyTag') },
          ...names.map((name) => ({ value: name, label: name })),
        ]}
        onChange={(value) => search(withTag(q, value))}
      />
      <Button
        kind={marked ? 'primary' : 'secondary'}
        icon="star"
        aria-pressed={marked}
        onClick={() => search(withMarked(q, !marked))}
      >
        {t('filter.marked')}
      </Button>
    </>
  );
}

function countOf({ q, deckId }: Place): number {
  const { state, flag, tag, marked } = filtersOf(q);
  return [deckId !== null, state, flag, tag, marked].filter(Boolean).length;
}
