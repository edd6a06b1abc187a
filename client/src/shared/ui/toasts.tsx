/** Short messages at the edge of the screen, said by screen readers. */
import { useEffect, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from './Button';
import styles from './toasts.module.css';

interface Toast {
  id: number;
  text: string;
  action?: { label: string; onSelect: () => void } | undefined;
  group?: string | undefined;
}

const SHOWN_MS = 6000;
const listeners = new Set<() => void>();
let shown: readonly Toast[] = [];
let lastId = 0;

/**
 * Show a message for a while, with something that can be done about it; it takes the place of the
 * one of the same group.
 */
export function toast(text: string, action?: Toast['action'], group?: string): void {
  lastId += 1;
  const others = shown.filter((one) => group === undefined || one.group !== group);
  change([...others.slice(-2), { id: lastId, text, action, group }]);
}

export function ToastRegion() {
  const toasts = useSyncExternalStore(subscribe, () => shown);
  return (
    <div className={styles.region} role="status" aria-live="polite">
      {toasts.map((one) => (
        <ToastBox key={one.id} {...one} />
      ))}
    </div>
  );
}

function ToastBox({ id, text, action }: Toast) {
  const { t } = useTranslation('ui');
  const close = () => change(shown.filter((one) => one.id !== id));
  useEffect(() => {
    const timer = setTimeout(() => change(shown.filter((one) => one.id !== id)), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [id]);
  return (
    <div className={styles.toast}>
      <span className={styles.text}>{text}</span>
      {action && (
        <Button
          onClick={() => {
            action.onSelect();
            close();
          }}
        >
          {action.label}
        </Button>
      )}
      <Button kind="quiet" icon="close" iconOnly onClick={close}>
        {t('close')}
      </Button>
    </div>
  );
}

function change(toasts: readonly Toast[]): void {
  shown = toasts;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
