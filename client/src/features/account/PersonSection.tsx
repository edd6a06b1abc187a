import { type SubmitEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { fieldError } from '@/shared/api/errors';
import { currentSession, startSession } from '@/shared/api/session';
import type { Account } from '@/shared/data/account';
import { Button, ErrorNotice, TextField, toast } from '@/shared/ui';

import styles from './AccountPage.module.css';
import { Section } from './Section';
import { useAccountChange } from './useAccountChange';

export function PersonSection({ account }: { account: Account }) {
  const { t } = useTranslation('account');
  const [name, setName] = useState(account.name);
  const change = useAccountChange();
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    change.mutate(
      { name },
      {
        onSuccess: (saved) => {
          setName(saved.name);
          showName(saved.name);
          toast(t('saved'));
        },
      },
    );
  };
  const problem = fieldError(change.error, 'name');
  return (
    <Section title={t('person.title')}>
      <form className={styles.form} onSubmit={save} noValidate>
        {change.error && !problem && <ErrorNotice error={change.error} />}
        <TextField
          label={t('person.name')}
          autoComplete="name"
          value={name}
          error={problem && t('person.badName')}
          onChange={(event) => setName(event.target.value)}
        />
        <div className={styles.row}>
          <Button type="submit" busy={change.isPending} disabled={name.trim() === account.name}>
            {t('person.save')}
          </Button>
        </div>
      </form>
    </Section>
  );
}

/** The menu greets by the name of the session. */
function showName(name: string): void {
  const session = currentSession();
  if (session) startSession({ ...session, name });
}
