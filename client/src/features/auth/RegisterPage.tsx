import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Navigate, useSearchParams } from 'react-router';

import { fieldError } from '@/shared/api/errors';
import { type Session, startSession, useSession } from '@/shared/api/session';
import { noteOffset } from '@/shared/data/offset';
import { PasswordMeter } from '@/shared/passwords/PasswordMeter';
import { Checkbox, TextField } from '@/shared/ui';

import { type Registration, logIn, register } from './api';
import { AuthForm } from './AuthForm';
import { wayBack } from './wayBack';

export function Component() {
  const { t } = useTranslation('auth');
  const [query] = useSearchParams();
  const [form, setForm] = useState<Registration>({
    username: '',
    name: '',
    password: '',
    sample_deck: true,
  });
  const registration = useMutation({ mutationFn: registerAndLogIn, onSuccess: begin });
  if (useSession()) return <Navigate to={wayBack(query.get('next'))} replace />;
  const text = (field: 'username' | 'name' | 'password') => ({
    label: t(field),
    hint: t(`hint.${field}`),
    value: form[field],
    error: fieldError(registration.error, field),
    onChange: (event: { target: { value: string } }) =>
      setForm({ ...form, [field]: event.target.value }),
  });
  return (
    <AuthForm
      title={t('register')}
      submit={t('register')}
      busy={registration.isPending}
      error={registration.error}
      onSubmit={() => registration.mutate(form)}
      footer={
        <>
          {t('hereAlready')}{' '}
          <Link to={{ pathname: '/login', search: query.toString() }}>{t('logIn')}</Link>
        </>
      }
    >
      <TextField {...text('name')} autoComplete="name" autoFocus />
      <TextField {...text('username')} autoComplete="username" autoCapitalize="none" />
      <TextField {...text('password')} type="password" autoComplete="new-password" />
      <PasswordMeter password={form.password} username={form.username} name={form.name} />
      <Checkbox
        checked={form.sample_deck}
        onChange={(sample_deck) => setForm({ ...form, sample_deck })}
      >
        {t('sampleDeck')}
      </Checkbox>
    </AuthForm>
  );
}

async function registerAndLogIn(form: Registration) {
  await register(form);
  return logIn({ username: form.username, password: form.password });
}

function begin(session: Session): void {
  startSession(session);
  noteOffset(session.username);
}
