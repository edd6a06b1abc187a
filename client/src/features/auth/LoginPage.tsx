import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Navigate, useSearchParams } from 'react-router';

import { fieldError } from '@/shared/api/errors';
import { type Session, startSession, useSession } from '@/shared/api/session';
import { applyAccountLanguage } from '@/shared/data/account';
import { noteOffset } from '@/shared/data/offset';
import { TextField } from '@/shared/ui';

import { logIn } from './api';
import { AuthForm } from './AuthForm';
import { wayBack } from './wayBack';

export function Component() {
  const { t } = useTranslation('auth');
  const [query] = useSearchParams();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const login = useMutation({ mutationFn: logIn, onSuccess: begin });
  if (useSession()) return <Navigate to={wayBack(query.get('next'))} replace />;
  return (
    <AuthForm
      title={t('logIn')}
      submit={t('logIn')}
      busy={login.isPending}
      error={login.error}
      onSubmit={() => login.mutate({ username, password })}
      footer={
        <>
          {t('newHere')}{' '}
          <Link to={{ pathname: '/register', search: query.toString() }}>{t('register')}</Link>
        </>
      }
    >
      <TextField
        label={t('username')}
        autoComplete="username"
        autoCapitalize="none"
        autoFocus
        value={username}
        error={fieldError(login.error, 'username')}
        onChange={(event) => setUsername(event.target.value)}
      />
      <TextField
        label={t('password')}
        type="password"
        autoComplete="current-password"
        value={password}
        error={fieldError(login.error, 'password')}
        onChange={(event) => setPassword(event.target.value)}
      />
    </AuthForm>
  );
}

/** The language that the person has chosen may come a moment later, or not at all. */
function begin(session: Session): void {
  startSession(session);
  noteOffset(session.username);
  applyAccountLanguage().catch(() => undefined);
}
