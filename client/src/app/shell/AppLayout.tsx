import { useTranslation } from 'react-i18next';
import { NavLink, Outlet, ScrollRestoration } from 'react-router';

import { useSession } from '@/shared/api/session';
import { Icon, type IconName } from '@/shared/ui';

import styles from './AppLayout.module.css';
import { PersonMenu } from './PersonMenu';
import { Preferences } from './Preferences';
import { SavingSign } from './SavingSign';
import { UpdateNotice } from './UpdateNotice';

const PLACES: readonly { to: string; icon: IconName; name: string }[] = [
  { to: '/', icon: 'decks', name: 'decks' },
  { to: '/browse', icon: 'browse', name: 'browse' },
  { to: '/stats', icon: 'stats', name: 'stats' },
];

/** The frame around every page: where one can go, and who is logged in. */
export function AppLayout() {
  const { t } = useTranslation('shell');
  const session = useSession();
  return (
    <>
      <a href="#main" className={styles.skip}>
        {t('skip')}
      </a>
      <header className={styles.header}>
        <NavLink to="/" className={styles.brand ?? ''}>
          <BrandMark />
          JAVUMBO
        </NavLink>
        {session && <SavingSign />}
        {session && (
          <nav className={styles.places} aria-label={t('places')}>
            {PLACES.map(({ to, icon, name }) => (
              <NavLink key={to} to={to} end={to === '/'} className={styles.place ?? ''}>
                <Icon name={icon} />
                <span>{t(name)}</span>
              </NavLink>
            ))}
          </nav>
        )}
        {session ? <PersonMenu session={session} /> : <Preferences />}
      </header>
      <UpdateNotice />
      <main id="main" className={styles.main}>
        <Outlet />
      </main>
      <ScrollRestoration />
    </>
  );
}

function BrandMark() {
  return (
    <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
      <rect x="7" y="3" width="20" height="22" rx="4" fill="currentColor" opacity="0.35" />
      <rect x="4" y="7" width="20" height="22" rx="4" fill="currentColor" />
    </svg>
  );
}
