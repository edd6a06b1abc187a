import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { formatDate, formatNumber } from '@/shared/i18n/format';
import { Button, EmptyState, LinkButton, toast, useErrorText } from '@/shared/ui';

import { type Finished, deckSizeKey, fetchDeckSize, unbury } from './api';
import styles from './FinishedScreen.module.css';

interface FinishedScreenProps {
  deckId: number;
  /** Null where nobody could be asked. */
  finished: Finished | null;
  studied: number;
  onUndo: () => void;
  onUnburied: () => Promise<void>;
}

/** Nothing is left for now: says so, what waits for later, and what can be done. */
export function FinishedScreen(props: FinishedScreenProps) {
  const { deckId, finished, studied, onUndo, onUnburied } = props;
  const { t } = useTranslation('study');
  const isEmpty = useIsEmpty(deckId, finished);
  if (isEmpty) return <EmptyDeck deckId={deckId} />;
  return (
    <EmptyState
      icon={finished ? 'check' : 'offline'}
      title={t(finished ? 'finished.title' : 'finished.offline')}
      action={
        <div className={styles.actions}>
          <LinkButton kind="primary" to="/">
            {t('toDecks')}
          </LinkButton>
          <LinkButton to="/stats">{t('toStats')}</LinkButton>
          <Button icon="undo" onClick={onUndo}>
            {t('undo')}
          </Button>
        </div>
      }
    >
      <div className={styles.waiting} role="status">
        {studied > 0 && <p>{t('finished.studied', numbered(studied))}</p>}
        {finished ? (
          <Waiting deckId={deckId} finished={finished} onUnburied={onUnburied} />
        ) : (
          <p>{t('finished.offlineText')}</p>
        )}
      </div>
    </EmptyState>
  );
}

function Waiting(
  props: Pick<FinishedScreenProps, 'deckId' | 'onUnburied'> & { finished: Finished },
) {
  const { new: fresh, review, learning, learning_shown_at, buried } = props.finished;
  const { t } = useTranslation('study');
  const allBuried = buried.siblings + buried.user;
  return (
    <>
      {learning > 0 && (
        <p>
          {learning_shown_at === null
            ? t('finished.learning', numbered(learning))
            : t('finished.learningAt', { ...numbered(learning), time: clock(learning_shown_at) })}
        </p>
      )}
      {review > 0 && <p>{t('finished.review', numbered(review))}</p>}
      {fresh > 0 && <p>{t('finished.new', numbered(fresh))}</p>}
      {fresh + review > 0 && <p>{t('finished.limits')}</p>}
      {allBuried > 0 && (
        <div className={styles.buried}>
          <p>{t('finished.buried', numbered(allBuried))}</p>
          <Unbury {...props} />
        </div>
      )}
    </>
  );
}

function Unbury({ deckId, onUnburied }: Pick<FinishedScreenProps, 'deckId' | 'onUnburied'>) {
  const { t } = useTranslation('study');
  const errorText = useErrorText();
  const mutation = useMutation({
    mutationFn: () => unbury(deckId),
    onSuccess: onUnburied,
    onError: (error) => toast(errorText(error)),
  });
  return (
    <Button busy={mutation.isPending} onClick={() => mutation.mutate()}>
      {t('unbury')}
    </Button>
  );
}

function EmptyDeck({ deckId }: { deckId: number }) {
  const { t } = useTranslation('study');
  return (
    <EmptyState
      icon="decks"
      title={t('empty.title')}
      action={
        <div className={styles.actions}>
          <LinkButton kind="primary" icon="add" to={`/decks/${deckId}/add`}>
            {t('empty.add')}
          </LinkButton>
          <LinkButton to="/">{t('toDecks')}</LinkButton>
        </div>
      }
    >
      {t('empty.text')}
    </EmptyState>
  );
}

/** Whether the deck has no cards at all; only asked where nothing waits either. */
function useIsEmpty(deckId: number, finished: Finished | null): boolean {
  const waits = finished
    ? finished.new +
      finished.review +
      finished.learning +
      finished.buried.siblings +
      finished.buried.user
    : 1;
  const size = useQuery({
    queryKey: deckSizeKey(deckId),
    queryFn: () => fetchDeckSize(deckId),
    enabled: waits === 0,
  });
  return waits === 0 && size.data === 0;
}

const numbered = (count: number) => ({ count, number: formatNumber(count) });
const clock = (ms: number) => formatDate(ms, { timeStyle: 'short' });
