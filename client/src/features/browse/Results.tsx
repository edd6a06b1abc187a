import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Button, EmptyState, ErrorNotice, LinkButton, Spinner } from '@/shared/ui';

import type { Action, CardsPage } from './api';
import { CardList } from './CardList';
import { CardTable } from './CardTable';
import { ActionDialog, type DialogName } from './dialogs/ActionDialog';
import { Pager } from './Pager';
import type { GoTo, Place } from './place';
import styles from './Results.module.css';
import { useIsPhone } from './screen';
import { Toolbar } from './Toolbar';
import { useActing } from './useActing';
import type { Found } from './useFound';
import type { Selecting } from './useSelection';

interface ResultsProps {
  found: Found;
  place: Place;
  goTo: GoTo;
  selecting: Selecting;
  /** A card is open beside the list. */
  isNarrow: boolean;
  onOpen: (cardId: number, byKeyboard: boolean) => void;
  /** The card that is open was deleted. */
  onGone: () => void;
}

/** What was found, and what can be done with it. */
export function Results({ found, ...rest }: ResultsProps) {
  if (found.error) return <ErrorNotice error={found.error} onRetry={() => void found.reload()} />;
  if (!found.data) return <Spinner />;
  if (found.data.pagination.total === 0) return <NothingFound {...rest} />;
  return <Cards {...rest} data={found.data} isStale={found.isStale} reload={found.reload} />;
}

type CardsProps = Omit<ResultsProps, 'found'> &
  Pick<Found, 'isStale' | 'reload'> & { data: CardsPage };

function Cards(props: CardsProps) {
  const { data, isStale, place, goTo, selecting, onOpen, onGone } = props;
  const { pagination, cards } = data;
  const isPhone = useIsPhone();
  const [dialog, setDialog] = useState<DialogName | null>(null);
  const acting = useActing();
  const top = useTopOf(place.page);
  const chosen = [...selecting.selection.ids];

  const act = (action: Action) =>
    acting.act(chosen, action, () => {
      setDialog(null);
      if (action.action !== 'delete') return void keepFitting(props, chosen);
      selecting.clear();
      if (place.cardId !== null && chosen.includes(place.cardId)) onGone();
    });
  const ask = (name: DialogName) => {
    acting.forgetError();
    if (chosen.length > 0) setDialog(name);
  };
  const list = {
    ...{ cards, place, goTo, selecting, onOpen, isStale },
    total: pagination.total,
    onDelete: () => ask('delete'),
  };
  return (
    <div className={styles.results} ref={top}>
      <Toolbar
        total={pagination.total}
        page={cards}
        place={place}
        goTo={goTo}
        selecting={selecting}
        isBusy={acting.isBusy}
        isNarrow={props.isNarrow}
        onAct={act}
        onAsk={ask}
      />
      {cards.length === 0 ? <BeyondTheEnd last={pagination.total_pages} goTo={goTo} /> : null}
      {cards.length > 0 && (isPhone ? <CardList {...list} /> : <CardTable {...list} />)}
      <Pager pagination={pagination} goTo={goTo} />
      {dialog && (
        <ActionDialog
          name={dialog}
          count={chosen.length}
          isBusy={acting.isBusy}
          error={acting.error}
          onAct={act}
          onClose={() => setDialog(null)}
        />
      )}
    </div>
  );
}

/** What was changed may not fit the search any more: nothing stays chosen that nobody sees. */
async function keepFitting({ data, place, selecting, reload }: CardsProps, chosen: number[]) {
  const before = new Set(data.cards.map((card) => card.id));
  const isAllInSight = chosen.every((id) => before.has(id));
  if (!isAllInSight && (place.q.trim() !== '' || place.deckId !== null)) selecting.clear();
  const now = await reload();
  if (!now) return;
  const after = new Set(now.cards.map((card) => card.id));
  selecting.drop(chosen.filter((id) => before.has(id) && !after.has(id)));
}

/** Another page begins at its top. */
function useTopOf(page: number) {
  const top = useRef<HTMLDivElement>(null);
  const shown = useRef(page);
  useEffect(() => {
    if (shown.current === page) return;
    shown.current = page;
    const box = top.current?.getBoundingClientRect();
    if (box && box.top < 0) top.current?.scrollIntoView({ block: 'start' });
  }, [page]);
  return top;
}

function NothingFound({ place, goTo }: Pick<ResultsProps, 'place' | 'goTo'>) {
  const { t } = useTranslation('browse');
  const isAll = place.q.trim() === '' && place.deckId === null;
  if (isAll) {
    return (
      <EmptyState
        icon="decks"
        title={t('empty.noCards')}
        action={<LinkButton to="/">{t('empty.toDecks')}</LinkButton>}
      >
        <p>{t('empty.noCardsText')}</p>
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon="search"
      title={t('empty.title')}
      action={
        <Button onClick={() => goTo({ q: '', deckId: null, page: 1 })}>{t('empty.showAll')}</Button>
      }
    >
      <p>{t('empty.text')}</p>
    </EmptyState>
  );
}

/** The address names a page that is not there any more. */
function BeyondTheEnd({ last, goTo }: { last: number; goTo: GoTo }) {
  const { t } = useTranslation('browse');
  return (
    <EmptyState
      icon="browse"
      title={t('empty.beyond')}
      action={
        <Button onClick={() => goTo({ page: last }, { replace: true })}>
          {t('empty.lastPage')}
        </Button>
      }
    />
  );
}
