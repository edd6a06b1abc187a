import { createBrowserRouter } from 'react-router';

import { AppLayout } from './shell/AppLayout';
import { NotFoundPage } from './shell/NotFoundPage';
import { RouteError } from './shell/RouteError';
import { RequireSession } from './shell/RequireSession';

/** Every address of the application. Pages are loaded when somebody goes there. */
export function makeRouter() {
  return createBrowserRouter(
    [
      {
        element: <AppLayout />,
        errorElement: <RouteError />,
        children: [
          { path: 'login', lazy: () => import('@/features/auth/LoginPage') },
          { path: 'register', lazy: () => import('@/features/auth/RegisterPage') },
          {
            element: <RequireSession />,
            children: [],
          },
          { path: '*', element: <NotFoundPage /> },
        ],
      },
    ],
    { basename: import.meta.env.BASE_URL },
  );
}
