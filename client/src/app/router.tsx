import { createBrowserRouter } from 'react-router';

import { Spinner } from '@/shared/ui';

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
        hydrateFallbackElement: <Spinner />,
        children: [
          { path: 'login', lazy: () => import('@/features/auth/LoginPage') },
          { path: 'register', lazy: () => import('@/features/auth/RegisterPage') },
          {
            element: <RequireSession />,
            children: [
              { path: 'stats', lazy: () => import('@/features/stats/StatsPage') },
              { index: true, lazy: () => import('@/features/decks/DecksPage') },
              { path: 'decks/:deckId', lazy: () => import('@/features/decks/DeckPage') },
              {
                path: 'decks/:deckId/options',
                lazy: () => import('@/features/decks/options/OptionsPage'),
              },
              { path: 'decks/:deckId/add', lazy: () => import('@/features/editor/AddPage') },
              { path: 'cards/:cardId/edit', lazy: () => import('@/features/editor/EditPage') },
              { path: 'notetypes', lazy: () => import('@/features/notetypes/NotetypesPage') },
              {
                path: 'notetypes/:notetypeId',
                lazy: () => import('@/features/notetypes/NotetypePage'),
              },
              { path: 'browse', lazy: () => import('@/features/browse/BrowsePage') },
              { path: 'decks/:deckId/study', lazy: () => import('@/features/study/StudyPage') },
              { path: 'import', lazy: () => import('@/features/transfer/ImportPage') },
              { path: 'export', lazy: () => import('@/features/transfer/ExportPage') },
              { path: 'backups', lazy: () => import('@/features/backups/BackupsPage') },
              { path: 'account', lazy: () => import('@/features/account/AccountPage') },
              { path: 'media', lazy: () => import('@/features/media/MediaPage') },
            ],
          },
          { path: '*', element: <NotFoundPage /> },
        ],
      },
    ],
    { basename: import.meta.env.BASE_URL },
  );
}
