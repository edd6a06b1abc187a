import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { formatNumber } from '@/shared/i18n/format';
import { Button, toast, useErrorText } from '@/shared/ui';

import { type Action, type CardRow, MAX_SELECTED, fetchAllIds } from './api';
import { ColumnsDialog } from './ColumnsDialog';
import type { DialogName } from './dialogs/ActionDialog';
import type { GoTo, Place } from './place';
import { useIsPhone } from './screen';
import { SelectionBar } from './SelectionBar';
import { SortChoice } from './SortChoice';
import styles from './Toolbar.module.css';
import type { Selecting } from './useSelection';

interface ToolbarProps {
  total: number;
  page: readonly CardRow[];
  place: Place;
  goTo: GoTo;
  selecting: Selecting;
  isBusy: boolean;
  /** There is no room for the names of actions. */
  isNarrow: boolean;
  onAct: (action: Action) => void;
  onAsk: (dialog: DialogName) => void;
}

/** How many there are, how many of them are chosen, and what can be done with those. */
export function Toolbar(props: ToolbarProps) {
  const { total, place, goTo, selecting } = props;
  const { t } = useTranslation('browse');
  const isPhone = useIsPhone();
  const isShort = isPhone || props.isNarrow;
  const [isChoosing, setIsChoosing] = useState(false);
  const count = selecting.selection.ids.size;
  const counting = useFocusKept(count);
  return (
    <div className={styles.toolbar}>
      <p ref={counting} tabIndex={-1} className={styles.count} role="status">
        {count > 0
          ? t('select.count', { count, formatted: formatNumber(count) })
          : t('found', { count: total, formatted: formatNumber(total) })}
      </p>
      {count > 0 ? (
        <>
          <SelectionChoices {...props} />
          <SelectionBar
            isShort={isShort}
            isBusy={props.isBusy}
            onAct={props.onAct}
            onAsk={props.onAsk}
          />
        </>
      ) : isPhone ? (
        <SortChoice place={place} goTo={goTo} />
      ) : (
        <Button kind="quiet" icon="columns" onClick={() => setIsChoosing(true)}>
          {t('columns')}
        </Button>
      )}
      {isChoosing && <ColumnsDialog onClose={() => setIsChoosing(false)} />}
    </div>
  );
}

/** Where the button that was pressed is there no more, one goes on at the count. */
function useFocusKept(count: number) {
  const counting = useRef<HTMLParagraphElement>(null);
  const counted = useRef(count);
  useEffect(() => {
    if (counted.current === count) return;
    counted.current = count;
    if (document.activeElement === document.body) counting.current?.focus({ preventScroll: true });
  }, [count]);
  return counting;
}

function SelectionChoices({ total, place, selecting, isNarrow }: ToolbarProps) {
  const { t } = useTranslation('browse');
  const isShort = useIsPhone() || isNarrow;
  const which = total > MAX_SELECTED ? 'first' : 'all';
  const { gather, isGathering } = useGathering(place, selecting);
  const most = Math.min(total, MAX_SELECTED);
  const formatted = formatNumber(most);
  return (
    <div className={styles.choices}>
      {selecting.selection.ids.size < most && (
        <Button kind="quiet" busy={isGathering} onClick={gather}>
          {t(isShort ? `select.${which}Short` : `select.${which}`, {
            formatted,
          })}
        </Button>
      )}
      <Button kind="quiet" icon="close" iconOnly onClick={selecting.clear}>
        {t('select.none')}
      </Button>
    </div>
  );
}

/** Chooses all that was found; stops when the selection is given up meanwhile. */
function useGathering({ q, deckId, sort, descending }: Place, selecting: Selecting) {
  const errorText = useErrorText();
  const stopping = useRef<AbortController>(null);
  const gathering = useMutation({
    mutationFn: (signal: AbortSignal) => fetchAllIds({ q, deckId, sort, descending }, signal),
    onSuccess: (ids, signal) => signal.aborted || selecting.setAll(ids),
    onError: (error, signal) => signal.aborted || toast(errorText(error)),
  });
  useEffect(() => () => stopping.current?.abort(), [q, deckId]);
  return {
    isGathering: gathering.isPending,
    gather: () => {
      stopping.current = new AbortController();
      gathering.mutate(stopping.current.signal);
    },
  };
}
