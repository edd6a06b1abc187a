import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';

import { http } from '@/shared/api/http';
import { type Session, endSession } from '@/shared/api/session';
import { Menu, MenuItem } from '@/shared/ui';

const PLACES = [
  { to: '/import', icon: 'upload', name: 'import' },
  { to: '/export', icon: 'download', name: 'export' },
  { to: '/backups', icon: 'history', name: 'backups' },
  { to: '/notetypes', icon: 'edit', name: 'notetypes' },
  { to: '/account', icon: 'settings', name: 'account' },
] as const;

export function PersonMenu({ session }: { session: Session }) {
  const { t } = useTranslation('shell');
  const navigate = useNavigate();
  return (
    <Menu label={t('person', { name: session.name })} icon="user">
      {PLACES.map(({ to, icon, name }) => (
        <MenuItem key={to} icon={icon} onSelect={() => void navigate(to)}>
          {t(name)}
        </MenuItem>
      ))}
      <MenuItem icon="back" onSelect={logOut}>
        {t('logOut')}
      </MenuItem>
    </Menu>
  );
}

/** The token is forgotten here at once; that the service forgets it too needs the network. */
function logOut(): void {
  http.post('/api/logout').catch(() => undefined);
  endSession();
}
