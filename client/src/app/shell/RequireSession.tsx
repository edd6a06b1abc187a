import { Navigate, Outlet, useLocation } from 'react-router';

import { useSession } from '@/shared/api/session';

/** Leads to the login page, which knows the way back. */
export function RequireSession() {
  const session = useSession();
  const { pathname, search } = useLocation();
  if (session) return <Outlet />;
  const next = pathname + search;
  return (
    <Navigate to={next === '/' ? '/login' : `/login?next=${encodeURIComponent(next)}`} replace />
  );
}
