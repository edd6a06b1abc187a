import { useTranslation } from 'react-i18next';

import { ApiError } from '@/shared/api/errors';

import { Button } from './Button';
import { useErrorText } from './errorText';
import { Notice } from './Notice';

interface ErrorNoticeProps {
  error: unknown;
  onRetry?: () => void;
}

/** What went wrong, what was wrong with which field, and a way to try again. */
export function ErrorNotice({ error, onRetry }: ErrorNoticeProps) {
  const { t } = useTranslation('ui');
  const errorText = useErrorText();
  const fields = error instanceof ApiError ? Object.entries(error.fields) : [];
  return (
    <Notice
      kind="error"
      title={errorText(error)}
      action={onRetry && <Button onClick={onRetry}>{t('tryAgain')}</Button>}
    >
      {fields.length > 0 && (
        <ul>
          {fields.map(([name, reason]) => (
            <li key={name}>
              {name}: {reason}
            </li>
          ))}
        </ul>
      )}
    </Notice>
  );
}
