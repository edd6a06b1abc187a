import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';

import { http } from '@/shared/api/http';
import type { Session } from '@/shared/api/session';
import { leave, unsentAnswers } from '@/shared/data/leaving';
import { ConfirmDialog, Menu, MenuItem } from '@/shared/ui';

import { useFollowedOffset } from './useFollowedOffset';

const PLACES = [
  { to: '/import', icon: 'upload', name: 'import' },
  { to: '/export', icon: 'download', name: 'export' },
  { to: '/backups', icon: 'history', name: 'backups' },
  { to: '/notetypes', icon: 'edit', name: 'notetypes' },
  { to: '/media', icon: 'picture', name: 'media' },
  { to: '/account', icon: 'settings', name: 'account' },
] as const;

export function PersonMenu({ session }: { session: Session }) {
  const { t } = useTranslation('shell');
  const navigate = useNavigate();
  const [unsent, setUnsent] = useState(0);
  useFollowedOffset(session.username);
  const askOrLogOut = async () => {
    const count = await unsentAnswers(session.username);
    if (count > 0) setUnsent(count);
    else await logOut(session);
  };
  return (
    <>
      <Menu label={t('person', { name: session.name })} icon="user">
        {PLACES.map(({ to, icon, name }) => (
          <MenuItem key={to} icon={icon} onSelect={() => void navigate(to)}>
            {t(name)}
          </MenuItem>
        ))}
        <MenuItem icon="back" onSelect={() => void askOrLogOut()}>
          {t('logOut')}
        </MenuItem>
      </Menu>
      {unsent > 0 && (
        <ConfirmDialog
          title={t('leaving.title')}
          action={t('leaving.action')}
          onConfirm={() => void logOut(session)}
          onClose={() => setUnsent(0)}
        >
          <p>{t('leaving.unsent', { count: unsent })}</p>
        </ConfirmDialog>
      )}
    </>
  );
}

/** The token is forgotten here in any case; that the service forgets it too needs the network. */
async function logOut({ token, username }: Session): Promise<void> {
  const headers = { Authorization: `Bearer ${token}` };
  http.post('/api/logout', undefined, { headers }).catch(() => undefined);
  await leave(username);
}
