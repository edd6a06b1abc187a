import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError } from '@/shared/api/errors';
import { LazyCardInfo } from '@/shared/cardInfo/LazyCardInfo';
import { Button, EmptyState, ErrorNotice, LinkButton, Spinner } from '@/shared/ui';

import { cardQuery } from '../api';
import { useCardAddress } from '../useCardAddress';
import { CardEditor } from './CardEditor';
import styles from './CardPanel.module.css';

interface CardPanelProps {
  cardId: number;
  /** It was opened by keyboard: the person goes on here. */
  takesFocus: boolean;
  onClose: () => void;
}

/** One card beside the list. */
export function CardPanel({ cardId, takesFocus, onClose }: CardPanelProps) {
  const { t } = useTranslation('browse');
  const address = useCardAddress();
  const { data, error, refetch } = useQuery(cardQuery(cardId));
  const [hasInfo, setInfo] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (takesFocus) heading.current?.focus();
  }, [takesFocus, cardId]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onClose();
  };
  return (
    <aside
      className={styles.panel}
      aria-label={t('panel.title')}
      data-card-panel
      onKeyDown={onKeyDown}
    >
      <header className={styles.head}>
        <h2 ref={heading} tabIndex={-1}>
          {t('panel.title')}
        </h2>
        <Button kind="quiet" icon="info" iconOnly onClick={() => setInfo(true)}>
          {t('panel.info')}
        </Button>
        <LinkButton kind="quiet" icon="edit" iconOnly to={address(cardId)}>
          {t('panel.ownPage')}
        </LinkButton>
        <Button kind="quiet" icon="close" iconOnly onClick={onClose}>
          {t('panel.close')}
        </Button>
      </header>
      {data ? (
        <CardEditor key={cardId} card={data.card} mediaUrl={data.media_url} />
      ) : isGone(error) ? (
        <EmptyState icon="info" title={t('panel.gone')} />
      ) : error ? (
        <ErrorNotice error={error} onRetry={() => void refetch()} />
      ) : (
        <Spinner />
      )}
      {hasInfo && <LazyCardInfo cardId={cardId} onClose={() => setInfo(false)} />}
    </aside>
  );
}

function isGone(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}
