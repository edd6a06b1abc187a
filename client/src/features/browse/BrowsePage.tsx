import { useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';

import { Page } from '@/shared/ui';

import styles from './BrowsePage.module.css';
import { FilterBar } from './FilterBar';
import { CardPanel } from './panel/CardPanel';
import { type GoTo, usePlace } from './place';
import { Results } from './Results';
import { useHasPanel } from './screen';
import { SearchField } from './SearchField';
import { SearchHelp } from './SearchHelp';
import { useCardAddress } from './useCardAddress';
import { useFound } from './useFound';
import { usePageKeys } from './usePageKeys';
import { useSelection } from './useSelection';

/** The collection as a list: look for cards, choose some, change them. */
export function Component() {
  const { t } = useTranslation('browse');
  const { place, goTo } = usePlace();
  const hasPanel = useHasPanel();
  const found = useFound(place);
  const page = useMemo(() => found.data?.cards.map((card) => card.id) ?? [], [found.data]);
  const selecting = useSelection(`${place.deckId ?? ''} ${place.q}`, page);
  const field = useRef<HTMLInputElement>(null);
  const [isHelping, setIsHelping] = useState(false);
  const { open, close, takesFocus } = useOpening(hasPanel, place.cardId, goTo);
  usePageKeys({
    search: () => field.current?.focus(),
    all: selecting.addPage,
    none: selecting.clear,
  });
  const openId = hasPanel ? place.cardId : null;
  return (
    <Page wide title={t('title')}>
      <div className={openId !== null ? styles.withPanel : styles.alone}>
        <div className={styles.list}>
          <SearchField
            ref={field}
            q={place.q}
            goTo={goTo}
            problem={found.problem}
            onHelp={() => setIsHelping(true)}
          />
          <FilterBar place={place} goTo={goTo} />
          <Results
            found={found}
            place={place}
            goTo={goTo}
            selecting={selecting}
            isNarrow={openId !== null}
            onOpen={open}
            onGone={close}
          />
        </div>
        {openId !== null && <CardPanel cardId={openId} takesFocus={takesFocus} onClose={close} />}
      </div>
      {isHelping && (
        <SearchHelp
          onChoose={(search) => {
            setIsHelping(false);
            goTo({ q: search, page: 1 });
          }}
          onClose={() => setIsHelping(false)}
        />
      )}
    </Page>
  );
}

/** A card is opened beside the list, or where there is no room for it on its own page. */
function useOpening(hasPanel: boolean, openId: number | null, goTo: GoTo) {
  const navigate = useNavigate();
  const address = useCardAddress();
  const [takesFocus, setTakesFocus] = useState(false);
  const open = (cardId: number, byKeyboard: boolean) => {
    setTakesFocus(byKeyboard);
    if (hasPanel) goTo({ cardId }, { replace: true });
    else void navigate(address(cardId));
  };
  const close = () => {
    goTo({ cardId: null }, { replace: true });
    document.querySelector<HTMLElement>(`[data-card="${openId ?? ''}"]`)?.focus();
  };
  return { open, close, takesFocus };
}
