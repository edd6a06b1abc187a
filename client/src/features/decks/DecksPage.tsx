import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type Deck, decksQuery } from '@/shared/data/decks';
import { Button, EmptyState, ErrorNotice, LinkButton, Notice, Page } from '@/shared/ui';

import { useClosedDecks } from './closedDecks';
import { DeckDialogs } from './DeckDialogs';
import styles from './DecksPage.module.css';
import { DeckTree } from './DeckTree';
import type { DeckDialog } from './dialogs';
import { FirstSteps } from './FirstSteps';

// An empty deck and the sample one: what an account begins with.
const DECKS_OF_A_BEGINNER = 2;
const CARDS_OF_A_BEGINNER = 20;

/** All decks: the first page. */
export function Component() {
  const { t } = useTranslation('decks');
  const [dialog, setDialog] = useState<DeckDialog | null>(null);
  const openNew = () => setDialog({ kind: 'new', parentId: null });
  return (
    <Page
      title={t('title')}
      actions={
        <>
          <LinkButton kind="quiet" icon="upload" to="/import">
            {t('import')}
          </LinkButton>
          <Button kind="primary" icon="add" onClick={openNew}>
            {t('new')}
          </Button>
        </>
      }
    >
      <DeckList onDialog={setDialog} onNew={openNew} />
      <DeckDialogs dialog={dialog} onClose={() => setDialog(null)} />
    </Page>
  );
}

interface DeckListProps {
  onDialog: (dialog: DeckDialog) => void;
  onNew: () => void;
}

function DeckList({ onDialog, onNew }: DeckListProps) {
  const { t } = useTranslation('decks');
  const { data, error, refetch } = useQuery(decksQuery);
  const [closed, toggle] = useClosedDecks();
  if (!data) {
    if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
    return <div className={styles.loading} aria-busy="true" />;
  }
  if (data.decks.length === 0) return <NoDecks onNew={onNew} />;
  return (
    <>
      {data.isKept && (
        <Notice action={<Button onClick={() => void refetch()}>{t('tryAgain')}</Button>}>
          {t('kept')}
        </Notice>
      )}
      {isOfBeginner(data.decks) && <FirstSteps onNew={onNew} />}
      <DeckTree decks={data.decks} closed={closed} onToggle={toggle} onDialog={onDialog} />
    </>
  );
}

function NoDecks({ onNew }: { onNew: () => void }) {
  const { t } = useTranslation('decks');
  return (
    <EmptyState
      icon="decks"
      title={t('none')}
      action={
        <Button kind="primary" icon="add" onClick={onNew}>
          {t('new')}
        </Button>
      }
    >
      {t('first.deck')}
    </EmptyState>
  );
}

function isOfBeginner(decks: readonly Deck[]): boolean {
  const cards = decks.reduce(
    (sum, deck) => sum + (deck.parent_id === null ? deck.total_cards : 0),
    0,
  );
  return decks.length <= DECKS_OF_A_BEGINNER && cards <= CARDS_OF_A_BEGINNER;
}
