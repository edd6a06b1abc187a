import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError } from '@/shared/api/errors';

/** What went wrong, as a sentence in the person's language; the service's own where we have none. */
export function useErrorText(): (error: unknown) => string {
  const { t, i18n } = useTranslation('ui');
  return useCallback(
    (error: unknown) => {
      if (!(error instanceof ApiError)) return t('errors.unknown');
      const key = `errors.${error.code}`;
      if (i18n.exists(key, { ns: 'ui' })) {
        const seconds = Math.ceil((error.retryAfterMs ?? 0) / 1000);
        return t(key, { count: seconds });
      }
      return error.message || t('errors.unknown');
    },
    [t, i18n],
  );
}
