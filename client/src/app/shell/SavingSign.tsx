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
  const wasUsed = useWasUsed(pending);
  const isSlow = useIsSlow(state === 'sending');
  useEffect(
    () =>
      onOutboxEvent((event) => {
        if (event.kind === 'refused') toast(t('saving.refused'));
      }),
    [t],
  );

  const sign = signOf({ isOnline, isSlow, state });
  if (sign === 'saved' && !wasUsed) return null;
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

/** Whether there was anything to save since the page was opened. */
function useWasUsed(pending: number): boolean {
  const [wasUsed, setWasUsed] = useState(pending > 0);
  if (pending > 0 && !wasUsed) setWasUsed(true);
  return wasUsed;
}

function useIsSlow(isSending: boolean): boolean {
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(isSending), isSending ? NOTEWORTHY_MS : 0);
    return () => clearTimeout(timer);
  }, [isSending]);
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
