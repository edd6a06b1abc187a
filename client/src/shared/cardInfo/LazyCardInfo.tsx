import { Suspense, lazy } from 'react';

const CardInfoDialog = lazy(() => import('./CardInfoDialog'));

/** The dialog, which is fetched when somebody asks for it. */
export function LazyCardInfo(props: { cardId: number; onClose: () => void }) {
  return (
    <Suspense>
      <CardInfoDialog {...props} />
    </Suspense>
  );
}
