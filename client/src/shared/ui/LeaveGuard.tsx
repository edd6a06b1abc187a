import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { type Location, useBlocker } from 'react-router';

import { ConfirmDialog } from './ConfirmDialog';

interface LeaveGuardProps {
  /** There is something that was not saved. */
  when: boolean;
  /** Addresses to which one may go without losing it. */
  allow?: (pathname: string) => boolean;
  /** Which ways lead away from it; those to another path, where nothing else is said. */
  leaves?: (from: Location, to: Location) => boolean;
}

const changesPath = (from: Location, to: Location) => from.pathname !== to.pathname;

/** Asks before the person goes away from what they have not saved. */
export function LeaveGuard({ when, allow, leaves = changesPath }: LeaveGuardProps) {
  const { t } = useTranslation('ui');
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      when &&
      leaves(currentLocation, nextLocation) &&
      nextLocation.pathname !== '/login' &&
      allow?.(nextLocation.pathname) !== true,
  );
  useEffect(() => {
    if (!when) return;
    const onBeforeUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', onBeforeUnload);
    return () => window.removeEventListener('beforeunload', onBeforeUnload);
  }, [when]);
  if (blocker.state !== 'blocked') return null;
  return (
    <ConfirmDialog
      title={t('leave.title')}
      action={t('leave.action')}
      onConfirm={() => blocker.proceed()}
      onClose={() => blocker.reset()}
    >
      <p>{t('leave.text')}</p>
    </ConfirmDialog>
  );
}
