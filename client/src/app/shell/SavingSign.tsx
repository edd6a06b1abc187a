import { useEffect, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';

import { onOutboxEvent, onOutboxStatus, outboxStatus } from '@/shared/outbox/outbox';
import { Icon, type IconName, toast } from '@/shared/ui';

import styles from './SavingSign.module.css';

type Sign = 'saved' | 'saving' | 'waiting' | 'offline';

const ICONS: Record<Sign, IconName> = {
  saved: 'saved',
  saving: 'sync',
  waiting: 'warning',
  offline: 'offline',
};
/** What is saved sooner than this is not worth a sign that flickers. */
const NOTEWORTHY_MS = 400;

/** Whether all answers are with the service: one quiet sign, from the first answer on. */
export function SavingSign() {
  const { t } = useTranslation('shell');
  const { pending, state } = useSyncExternalStore(onOutboxStatus, outboxStatus);
  const isOnline = useSyncExternalStore(onConnection, () => navigator.onLine);
  const wasSaved = useWasSaved(pending);
  const isSlow = useIsSlow(pending > 0);
  useEffect(
    () =>
      onOutboxEvent((event) => {
        if (event.kind === 'refused') toast(t('saving.refused'));
      }),
    [t],
  );

  const sign = signOf({ isOnline, isSlow, state });
  if (sign === 'saved' && !wasSaved) return null;
  const text = t(`saving.${sign}`, { count: pending });
  const isNews = sign === 'offline' || sign === 'waiting';
  return (
    <span className={styles.sign} data-sign={sign} title={text}>
      <Icon name={ICONS[sign]} />
      <span className={styles.text} role={isNews ? 'status' : undefined}>
        {text}
      </span>
    </span>
  );
}

function signOf(now: { isOnline: boolean; isSlow: boolean; state: string }): Sign {
  if (!now.isOnline) return 'offline';
  if (now.state === 'waiting') return 'waiting';
  return now.isSlow ? 'saving' : 'saved';
}

/** Whether there was anything to save since the page was opened, and all of it was saved. */
function useWasSaved(pending: number): boolean {
  const [known, setKnown] = useState<'nothing' | 'pending' | 'saved'>('nothing');
  if (pending > 0 && known === 'nothing') setKnown('pending');
  if (pending === 0 && known === 'pending') setKnown('saved');
  return known === 'saved';
}

/** Whether something has waited for a while: without a network, too. */
function useIsSlow(isPending: boolean): boolean {
  const [isSlow, setSlow] = useState(false);
  if (!isPending && isSlow) setSlow(false);
  useEffect(() => {
    if (!isPending) return;
    const timer = setTimeout(() => setSlow(true), NOTEWORTHY_MS);
    return () => clearTimeout(timer);
  }, [isPending]);
  return isSlow;
}

function onConnection(listener: () => void): () => void {
  window.addEventListener('online', listener);
  window.addEventListener('offline', listener);
  return () => {
    window.removeEventListener('online', listener);
    window.removeEventListener('offline', listener);
  };
}
