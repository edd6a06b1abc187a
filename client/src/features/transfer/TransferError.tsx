import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError } from '@/shared/api/errors';
import { Notice, useErrorText } from '@/shared/ui';

/** What the service says in a sentence of its own, which is worth reading. */
const EXPLAINED = ['unusable_file', 'too_large', 'invalid_input'];

/** Why a file could not be brought in or taken out, in plain words. */
export function TransferError({ error, action }: { error: unknown; action?: ReactNode }) {
  const { t, i18n } = useTranslation('transfer');
  const errorText = useErrorText();
  const code = error instanceof ApiError ? error.code : 'unknown';
  const key = `errors.${code}`;
  const details = error instanceof ApiError && EXPLAINED.includes(code) ? reasons(error) : [];
  return (
    <Notice
      kind="error"
      title={i18n.exists(key, { ns: 'transfer' }) ? t(key) : errorText(error)}
      action={action}
    >
      {details.map((reason) => (
        <p key={reason} lang="en">
          {reason}
        </p>
      ))}
    </Notice>
  );
}

function reasons({ message, fields }: ApiError): string[] {
  const named = Object.entries(fields).map(([name, reason]) => `${name} ${reason}`);
  return named.length > 0 ? named : [message].filter(Boolean);
}
