import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';

import { type Deck, deckQuery, decksQuery } from '@/shared/data/decks';
import { baseName, deckSearch, isWithin, parentName } from '@/shared/data/deckNames';
import { textOfHtml } from '@/shared/data/textOfHtml';
import { ErrorNotice, LinkButton, Page } from '@/shared/ui';

import { useClosedDecks } from './closedDecks';
import { DeckDialogs } from './DeckDialogs';
import { DeckFigures } from './DeckFigures';
import { DeckMenu } from './DeckMenu';
import styles from './DeckPage.module.css';
import { DeckTree } from './DeckTree';
import type { DeckDialog } from './dialogs';

/** One deck: what it is, and what there is to do. */
export function Component() {
  const { t } = useTranslation('decks');
  const deckId = Number(useParams()['deckId']);
  const { data: deck, error, refetch } = useQuery(deckQuery(deckId));
  const navigate = useNavigate();
  const [dialog, setDialog] = useState<DeckDialog | null>(null);
  return (
    <Page
      key={deckId}
      title={deck ? baseName(deck.name) : t('deck')}
      back={{ to: '/', label: t('title') }}
      actions={deck && <DeckMenu deck={deck} onDialog={setDialog} />}
    >
      {error && !deck && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {deck && <DeckOverview deck={deck} onDialog={setDialog} />}
      <DeckDialogs
        dialog={dialog}
        onClose={() => setDialog(null)}
        onDeleted={() =>
          dialog?.kind === 'delete' && dialog.deck.id === deckId && void navigate('/')
        }
      />
    </Page>
  );
}

interface DeckOverviewProps {
  deck: Deck;
  onDialog: (dialog: DeckDialog) => void;
}

function DeckOverview({ deck, onDialog }: DeckOverviewProps) {
  const { t } = useTranslation('decks');
  const parent = parentName(deck.name);
  return (
    <>
      {parent && <p className={styles.parent}>{t('inDeck', { name: parent })}</p>}
      {deck.description && <p className={styles.description}>{plainText(deck.description)}</p>}
      <DeckFigures deck={deck} />
      <div className={styles.actions}>
        <LinkButton kind="primary" icon="play" to={`/decks/${deck.id}/study`}>
          {t('menu.study')}
        </LinkButton>
        {!deck.filtered && (
          <LinkButton icon="add" to={`/decks/${deck.id}/add`}>
            {t('menu.add')}
          </LinkButton>
        )}
        <LinkButton icon="browse" to={`/browse?q=${encodeURIComponent(deckSearch(deck.name))}`}>
          {t('menu.browse')}
        </LinkButton>
        <LinkButton icon="stats" to={`/stats?deck=${deck.id}`}>
          {t('menu.stats')}
        </LinkButton>
        {!deck.filtered && (
          <LinkButton icon="settings" to={`/decks/${deck.id}/options`}>
            {t('menu.options')}
          </LinkButton>
        )}
      </div>
      <Subdecks deck={deck} onDialog={onDialog} />
    </>
  );
}

function Subdecks({ deck, onDialog }: DeckOverviewProps) {
  const { t } = useTranslation('decks');
  const { data } = useQuery(decksQuery);
  const [closed, toggle] = useClosedDecks();
  const decks = (data?.decks ?? []).filter(
    (one) => one.id !== deck.id && isWithin(one.name, deck.name),
  );
  if (decks.length === 0) return null;
  return (
    <section className={styles.subdecks} aria-labelledby="subdecks">
      <h2 id="subdecks">{t('subdecks')}</h2>
      <DeckTree decks={decks} root={deck} closed={closed} onToggle={toggle} onDialog={onDialog} />
    </section>
  );
}

/** Descriptions of shared decks are HTML; only their text is shown. */
function plainText(description: string): string {
  return textOfHtml(description.replace(/<(br|\/p|\/div|\/li)\b[^>]*>/gi, '\n$&')).trim();
}
